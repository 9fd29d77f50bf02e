import assert from "node:assert/strict";
import { test } from "node:test";
import { PODS, SECRETS } from "@carrel/kube";
import { aContext } from "../resources/testing/a-context.ts";
import { prepareObject } from "./prepare-object.ts";

const owner = { workspace: aContext().workspace, namespaces: ["w1"] };

test("a name that became one of Carrel's own is refused, whatever the template made it of", () => {
  const named = (name: string) => ({ metadata: { name } });
  assert.throws(() => prepareObject("o", PODS, named("desk"), owner), /Pod desk is Carrel's own/);
  assert.throws(() => prepareObject("o", SECRETS, named("generated"), owner), /Secret generated is Carrel's own/);
  assert.equal(prepareObject("o", SECRETS, named("desk"), owner).metadata.namespace, "w1");
});
