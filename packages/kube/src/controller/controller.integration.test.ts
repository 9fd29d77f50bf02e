import assert from "node:assert/strict";
import { test } from "node:test";
import { startControlPlane } from "@carrel/cluster";
import { systemClock } from "@carrel/std";
import { eventually } from "@carrel/testkit";
import { type ConfigMap, CONFIG_MAPS, NAMESPACES } from "../client/resources/index.ts";
import { isNotFound } from "../client/status-predicates.ts";
import { Manager } from "../manager/manager.ts";
import { recordingLogger } from "../runtime/testing/recording-logger.ts";
import { connect, makeNamespace } from "../runtime/testing/test-access.ts";
import { watching } from "./watching.ts";

test("every key is brought to its end after the API server was down for 5 s in the middle of it", async (t) => {
  await using controlPlane = await startControlPlane();
  const client = connect(t, controlPlane.kubeconfig);
  const namespace = await makeNamespace(client);
  const logger = recordingLogger();
  const manager = new Manager({ client, logger });
  const sources = manager.informer(CONFIG_MAPS, { namespace, labelSelector: "role=source" });
  const copies = manager.informer(CONFIG_MAPS, { namespace, labelSelector: "role=copy" });
  const bare = (name: string): string => name.slice(name.indexOf("-") + 1);
  const holders = new Set<string>();
  const heldTwice: string[] = [];
  const copier = manager.addController({
    name: "copier",
    concurrency: 8,
    reconcileTimeoutMs: 10_000,
    watches: [
      watching(sources, ({ metadata }) => [bare(metadata.name)]),
      watching(copies, ({ metadata }) => [bare(metadata.name)]),
    ],
    async reconcile(key, signal) {
      if (holders.has(key)) heldTwice.push(key);
      holders.add(key);
      using _ = { [Symbol.dispose]: () => holders.delete(key) };
      const source = sources.store.get(`source-${key}`, namespace);
      const copy = copies.store.get(`copy-${key}`, namespace);
      const call = { namespace, signal, timeoutMs: 2000 };
      // Each run asks the API server for something, so that one in the outage feels it.
      await client.get(NAMESPACES, namespace, { signal, timeoutMs: 2000 });
      if (source === undefined) {
        if (copy?.metadata.uid === undefined) return;
        const { uid } = copy.metadata;
        return await client.delete(CONFIG_MAPS, copy.metadata.name, { ...call, uid }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      }
      const metadata = { name: `copy-${key}`, labels: { role: "copy" } };
      if (copy === undefined) {
        await client.create<ConfigMap>(CONFIG_MAPS, { metadata, data: { ...source.data } }, call);
      } else if (copy.data?.["value"] !== source.data?.["value"]) {
        await client.mergePatch(CONFIG_MAPS, metadata.name, { data: source.data }, call);
      }
    },
  });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });

  const names = Array.from({ length: 100 }, (_, i) => `source-${i}`);
  await Promise.all(
    names.map((name) =>
      client.create(
        CONFIG_MAPS,
        { metadata: { name, labels: { role: "source" } }, data: { value: "1" } },
        { namespace },
      ),
    ),
  );
  const down = controlPlane.restartApiServer({ downMs: 5000 });
  await systemClock.sleep(1000);
  for (const name of names) copier.enqueue(bare(name));
  await down;
  await Promise.all(
    names.map((name, i) =>
      i % 3 === 0
        ? client.delete(CONFIG_MAPS, name, { namespace })
        : client.mergePatch(CONFIG_MAPS, name, { data: { value: String(i) } }, { namespace }),
    ),
  );
  const upAtMs = systemClock.monotonic();
  await eventually(
    async () => {
      const { items } = await client.list(CONFIG_MAPS, { namespace, labelSelector: "role=copy" });
      const values = items.map(({ metadata, data }) => `${bare(metadata.name)}=${data?.["value"]}`);
      const expected = names.flatMap((_, i) => (i % 3 === 0 ? [] : [`${i}=${i}`]));
      assert.deepEqual(values.toSorted(), expected.toSorted());
    },
    { timeoutMs: 40_000, everyMs: 100 },
  );
  const failed = logger.lines.filter(({ message }) => message === "reconcile failed").length;
  t.diagnostic(
    `converged ${(systemClock.monotonic() - upAtMs).toFixed(0)} ms after the writes; ${failed} failures before`,
  );
  assert.deepEqual(heldTwice, []);
  assert.ok(failed > 0, "the outage was not felt");
  assert.equal(manager.live().ok, true);
});
