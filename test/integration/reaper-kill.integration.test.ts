import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { isNotFound, NAMESPACES, PODS, resource, SESSIONS, type KubeObject, type Pod } from "@carrel/kube";
import { eventually, faults, uniqueName } from "@carrel/testkit";
import { startReaperBench, type ReaperBench } from "./support/reaper-bench.ts";

const NODES = resource<KubeObject>("v1", "Node", "nodes", false);
/** What a learner may ask for, so that its pod is in nobody's hurry to go. */
const LEARNERS_GRACE_SECONDS = 3600;

/** A pod that a node runs. The node is an entry only: nothing confirms the pod's deletion but the test. */
async function runPod({ client }: ReaperBench, namespace: string): Promise<void> {
  const { metadata: node } = await client.create(NODES, { metadata: { name: uniqueName("node") } });
  const pod: Pod = {
    metadata: { name: "lingering" },
    spec: {
      nodeName: node.name,
      terminationGracePeriodSeconds: LEARNERS_GRACE_SECONDS,
      containers: [{ name: "main", image: "carrel.test/none" }],
    },
  };
  // The namespace's ServiceAccount comes a moment after it.
  await eventually(() => client.create(PODS, pod, { namespace }), { timeoutMs: 20_000 });
}

suite("a reaper that is killed right after it deleted the namespace", { timeout: 120_000 }, () => {
  test("still hurries the pods after its restart", async (t) => {
    await using bench = await startReaperBench(t);
    const { client, proxy, reaper } = bench;
    const { session, namespace } = await bench.standingSession();
    const { name } = namespace.metadata;
    await runPod(bench, name);
    const graceOfPod = async (): Promise<number | undefined> => {
      const pod = await client.get(PODS, "lingering", { namespace: name });
      const metadata: { readonly name: string; readonly deletionGracePeriodSeconds?: number } = pod.metadata;
      return metadata.deletionGracePeriodSeconds;
    };

    // The reaper's call about the pods gets no further than the proxy: that is where it dies.
    const pods = { method: "DELETE", path: new RegExp(`/namespaces/${name}/pods$`) };
    proxy.inject(pods, faults.blackHole());
    await bench.end(session);
    await eventually(() => assert.equal(proxy.count(pods), 1), { timeoutMs: 20_000 });
    await reaper.kill();
    assert.ok((await client.get(NAMESPACES, name)).metadata.deletionTimestamp);
    // By then the namespace controller has told the pod to go in its own time.
    await eventually(async () => assert.equal(await graceOfPod(), LEARNERS_GRACE_SECONDS), { timeoutMs: 30_000 });

    proxy.clear();
    await reaper.start();
    await eventually(async () => assert.equal(await graceOfPod(), 5), { timeoutMs: 20_000 });

    await client.delete(PODS, "lingering", { namespace: name, gracePeriodSeconds: 0 });
    const ended = async (): Promise<void> =>
      assert.equal((await client.get(SESSIONS, session.metadata.name)).status?.phase, "Ended");
    await eventually(ended, { timeoutMs: 30_000 });
    await assert.rejects(client.get(NAMESPACES, name), isNotFound);
  });
});
