import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionPhase } from "@carrel/api";
import { aSession, aWorkspace } from "@carrel/testkit";
import { isUnheld } from "./is-unheld.ts";

const workspace = aWorkspace({ metadata: { name: "w1" }, spec: { session: { name: "s1", uid: "u1" } } });
const session = (uid: string, named: string, phase?: SessionPhase) =>
  aSession({
    metadata: { name: "s1", uid },
    spec: { workspace: named },
    ...(phase === undefined ? {} : { status: { phase } }),
  });

for (const [what, found, expected] of [
  ["its session is gone", undefined, true],
  ["another session has the name", session("u2", "w1", "Ready"), true],
  ["its session has ended", session("u1", "w1", "Ended"), true],
  ["its session lives in it", session("u1", "w1", "Ready"), false],
  ["its session lives elsewhere", session("u1", "w2", "Ready"), true],
  ["its session ends elsewhere", session("u1", "w2", "Ending"), true],
  ["its session is still choosing", session("u1", "w2"), false],
  ["its session waits in the queue", session("u1", "w2", "Queued"), false],
] as const) {
  test(`${what}: ${expected ? "unheld" : "held"}`, () => assert.equal(isUnheld(workspace, found), expected));
}

test("a spare is nobody's, and wanted", () => {
  const { session: _, ...spec } = workspace.spec;
  assert.equal(isUnheld({ ...workspace, spec }, undefined), false);
});
