import assert from "node:assert/strict";
import { test } from "node:test";
import { policyProfileSpecSchema } from "@carrel/api";
import { allowsClusterKind } from "./allows-cluster-kind.ts";

test("a cluster-scoped kind needs a ceiling, and every ceiling's yes", () => {
  const clusterObjects = [{ group: "example.com", kinds: ["Tide"] }];
  const listing = policyProfileSpecSchema.parse({ clusterObjects });
  const ceiling = policyProfileSpecSchema.parse({ ceiling: true, clusterObjects });
  const silent = policyProfileSpecSchema.parse({ ceiling: true });
  const asked = ["example.com", "Tide"] as const;
  assert.equal(allowsClusterKind([], ...asked), false);
  assert.equal(allowsClusterKind([listing], ...asked), false, "only ceilings bound templates");
  assert.equal(allowsClusterKind([listing, ceiling], ...asked), true);
  assert.equal(allowsClusterKind([ceiling, silent], ...asked), false);
  assert.equal(allowsClusterKind([ceiling], "example.com", "Wave"), false);
  assert.equal(allowsClusterKind([ceiling], "example.org", "Tide"), false);
  assert.equal(allowsClusterKind([{ ceiling: true } as never], ...asked), false);
});
