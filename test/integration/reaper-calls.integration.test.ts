import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CONFIG_MAPS, isNotFound, NAMESPACES, SESSIONS, WORKSPACES } from "@carrel/kube";
import { eventually, faults, type FaultProxy } from "@carrel/testkit";
import { startReaperBench, type ReaperBench, type StandingSession } from "./support/reaper-bench.ts";

/** What the reaper asked of the API server about sessions since the last `clearRequests`, in order. */
function callsOf(proxy: FaultProxy): readonly string[] {
  return proxy
    .requests({ userAgent: /^carrel-reaper/, watch: false })
    .filter(({ path }) => !/\/(leases|events)/.test(path))
    .map(({ method, path, status }) => `${method} ${path.replace(/^\/apis?\/([a-z.]+\/)?v1[a-z0-9]*/, "")} ${status}`);
}

async function untilEnded({ client }: ReaperBench, { session, workspace }: StandingSession): Promise<void> {
  const ended = async (): Promise<void> =>
    assert.equal((await client.get(SESSIONS, session.metadata.name)).status?.phase, "Ended");
  await eventually(ended, { timeoutMs: 30_000 });
  await assert.rejects(client.get(WORKSPACES, workspace.metadata.name), isNotFound);
  await assert.rejects(client.get(NAMESPACES, workspace.metadata.name), isNotFound);
}

/** From now on the reaper hears of this kind late, and of the others at once. */
async function hearLate(proxy: FaultProxy, plural: string): Promise<void> {
  const watch = { path: new RegExp(`/${plural}$`), watch: true };
  proxy.inject(watch, faults.delayLines(1500));
  proxy.endConnections();
  await eventually(() => assert.ok(proxy.requests(watch).some(({ faults: met }) => met.length > 0)));
}

suite("calls of a session's end", { timeout: 120_000 }, () => {
  test("are not doubled when the cache is behind the reaper's own write", async (t) => {
    await using bench = await startReaperBench(t);
    const { client, proxy } = bench;
    const standing = await bench.standingSession();
    const { name } = standing.session.metadata;
    await hearLate(proxy, "sessions");
    proxy.clearRequests();
    await bench.end(standing.session);
    const ending = async (): Promise<void> => assert.equal((await client.get(SESSIONS, name)).status?.phase, "Ending");
    await eventually(ending, { timeoutMs: 10_000, everyMs: 20 });
    // The workspace wakes the session's key while the cache still shows the session as it was before.
    await client.mergePatch(WORKSPACES, standing.workspace.metadata.name, { metadata: { labels: { touched: "yes" } } });
    await untilEnded(bench, standing);
    const writes = callsOf(proxy).filter((call) => call.startsWith(`PATCH /sessions/${name}/status`));
    assert.deepEqual(writes, [`PATCH /sessions/${name}/status 200`, `PATCH /sessions/${name}/status 200`]);
  });

  test("are not doubled when the cache does not show the reaper's own deletion", async (t) => {
    await using bench = await startReaperBench(t);
    const { client, proxy } = bench;
    const standing = await bench.standingSession();
    const { name } = standing.workspace.metadata;
    await hearLate(proxy, "workspaces");
    await bench.end(standing.session);
    const deleted = async (): Promise<void> =>
      assert.ok((await client.get(WORKSPACES, name)).metadata.deletionTimestamp);
    await eventually(deleted, { timeoutMs: 10_000, everyMs: 20 });
    // Its own key is woken while the cache still shows a workspace that nobody deletes.
    await client.mergePatch(SESSIONS, standing.session.metadata.name, { metadata: { labels: { touched: "yes" } } });
    await untilEnded(bench, standing);
    assert.equal(proxy.count({ method: "DELETE", path: new RegExp(`/workspaces/${name}$`) }), 1);
  });

  test("are asked of the API server itself by a reaper that was not there to see", async (t) => {
    await using bench = await startReaperBench(t);
    const { client, proxy, reaper } = bench;
    const standing = await bench.standingSession();
    const { name } = standing.workspace.metadata;
    const held = { metadata: { name: "held", finalizers: ["carrel.test/hold"] } };
    await client.create(CONFIG_MAPS, held, { namespace: name });
    await bench.end(standing.session);
    const terminating = async (): Promise<void> =>
      assert.ok((await client.get(NAMESPACES, name)).metadata.deletionTimestamp);
    await eventually(terminating, { timeoutMs: 10_000 });
    await reaper.kill();
    await client.mergePatch(CONFIG_MAPS, "held", { metadata: { finalizers: [] } }, { namespace: name });
    await eventually(() => assert.rejects(client.get(NAMESPACES, name), isNotFound), { timeoutMs: 30_000 });
    proxy.clearRequests();
    await reaper.start();
    await untilEnded(bench, standing);
    const looks = callsOf(proxy).filter((call) => call.startsWith("GET") && call.includes(name));
    assert.deepEqual(looks, [`GET /namespaces/${name} 404`], "the workspace was seen to go by this life of it");
  });

  test("are the six writes that it needs: nothing is asked that the watches have said", async (t) => {
    await using bench = await startReaperBench(t);
    for (let round = 0; round < 3; round++) {
      const standing = await bench.standingSession();
      const name = standing.session.metadata.name;
      const workspace = standing.workspace.metadata.name;
      bench.proxy.clearRequests();
      await bench.end(standing.session);
      await untilEnded(bench, standing);
      assert.deepEqual(callsOf(bench.proxy), [
        `PATCH /sessions/${name}/status 200`,
        `DELETE /workspaces/${workspace} 200`,
        `DELETE /namespaces/${workspace} 200`,
        `DELETE /namespaces/${workspace}/pods 200`,
        `PATCH /workspaces/${workspace} 200`,
        `PATCH /sessions/${name}/status 200`,
      ]);
    }
  });
});
