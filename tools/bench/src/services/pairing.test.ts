import assert from "node:assert/strict";
import { test } from "node:test";
import { aSession, aWorkspace } from "@carrel/testkit";
import { pairingOf } from "./pairing.ts";

const session = (name: string, workspace: string) =>
  aSession({ metadata: { name, uid: `uid-${name}` }, spec: { workspace }, status: { phase: "Ready" } });
const workspace = (name: string, holder: string) =>
  aWorkspace({ metadata: { name }, spec: { session: { name: holder, uid: `uid-${holder}` } } });

test("one session for each request, one workspace for each session: nothing to report", () =>
  assert.deepEqual(
    pairingOf(["s1", "s2"], [session("s1", "w1"), session("s2", "w2")], [workspace("w1", "s1"), workspace("w2", "s2")]),
    { lost: 0, doubled: 0 },
  ));

test("a request without its session is lost", () =>
  assert.equal(pairingOf(["s1", "s2"], [session("s1", "w1")], []).lost, 1));

test("two workspaces of one session, one workspace of two, and a session nobody asked for are doubles", () => {
  const one = session("s1", "w1");
  assert.equal(pairingOf(["s1"], [one], [workspace("w1", "s1"), workspace("w2", "s1")]).doubled, 1);
  assert.equal(pairingOf(["s1", "s2"], [one, session("s2", "w1")], []).doubled, 1);
  assert.equal(pairingOf(["s1"], [one, session("s9", "w9")], []).doubled, 1);
});
