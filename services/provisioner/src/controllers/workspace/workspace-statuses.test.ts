import assert from "node:assert/strict";
import { test } from "node:test";
import type { Workspace } from "@carrel/api";
import { aWorkspace, stored } from "@carrel/testkit";
import { WorkspaceStatuses } from "./workspace-statuses.ts";

const base = stored(aWorkspace({ metadata: { name: "w1", resourceVersion: "10" } }));
const at = (resourceVersion: string, phase?: "Ready"): Workspace => ({
  ...base,
  metadata: { ...base.metadata, resourceVersion },
  ...(phase === undefined ? {} : { status: { phase } }),
});

/** Statuses over a cache whose content the test sets. */
function bench(): { cache: { current: Workspace | undefined }; statuses: WorkspaceStatuses; woken: string[] } {
  const cache: { current: Workspace | undefined } = { current: at("10") };
  const statuses = new WorkspaceStatuses({ get: () => cache.current });
  const woken: string[] = [];
  statuses.watch(({ metadata }) => [metadata.name]).attach((key) => woken.push(key));
  return { cache, statuses, woken };
}

test("a status is known, and told, before its write has been answered", async () => {
  const { statuses, woken } = bench();
  const answer = Promise.withResolvers<Workspace>();
  const writing = statuses.write(at("10"), { phase: "Ready" }, () => answer.promise);
  assert.equal(statuses.get("w1")?.status?.phase, "Ready");
  assert.deepEqual(woken, ["w1"]);
  answer.resolve(at("11", "Ready"));
  await writing;
  assert.equal(statuses.get("w1")?.metadata.resourceVersion, "11");
});

test("the cache counts again as soon as it has caught up, or somebody else has written", async () => {
  const { cache, statuses } = bench();
  await statuses.write(at("10"), { phase: "Ready" }, () => Promise.resolve(at("11", "Ready")));
  cache.current = at("11", "Ready");
  assert.equal(statuses.get("w1"), cache.current);
  cache.current = at("12");
  assert.equal(statuses.get("w1"), cache.current);
});

test("a write that fails is taken back", async () => {
  const { cache, statuses } = bench();
  await assert.rejects(statuses.write(at("10"), { phase: "Ready" }, () => Promise.reject(new Error("conflict"))));
  assert.equal(statuses.get("w1"), cache.current);
});

test("another Workspace of the name, or none, is not given the status of the one before", async () => {
  const { cache, statuses } = bench();
  await statuses.write(at("10"), { phase: "Ready" }, () => Promise.resolve(at("11", "Ready")));
  cache.current = { ...at("5"), metadata: { ...base.metadata, uid: "another", resourceVersion: "5" } };
  assert.equal(statuses.get("w1"), cache.current);
  cache.current = undefined;
  assert.equal(statuses.get("w1"), undefined);
});
