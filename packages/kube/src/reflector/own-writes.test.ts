import assert from "node:assert/strict";
import { test } from "node:test";
import { aSession } from "@carrel/testkit";
import { OwnWrites } from "./own-writes.ts";

const at = (resourceVersion: string, uid = "u1") => aSession({ metadata: { name: "s", uid, resourceVersion } });

test("a write is what counts until the cache shows it, and never longer", () => {
  const writes = new OwnWrites();
  writes.remember(at("12"));
  assert.equal(writes.newest(at("11")).metadata.resourceVersion, "12");
  assert.equal(writes.newest(at("13")).metadata.resourceVersion, "13", "somebody wrote after us");
  assert.equal(writes.newest(at("11")).metadata.resourceVersion, "11", "forgotten once the cache had caught up");
});

test("another object of the same name, or a version that cannot be compared, is taken as the cache has it", () => {
  const writes = new OwnWrites();
  writes.remember(at("12"));
  assert.equal(writes.newest(at("3", "u2")).metadata.uid, "u2");
  writes.remember(at("12"));
  assert.equal(writes.newest(at("opaque")).metadata.resourceVersion, "opaque");
});
