import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@carrel/std";
import { startControlPlane } from "@carrel/cluster";
import { loadKubeconfig } from "../transport/load-kubeconfig.ts";
import { createKubeClient } from "./create-kube-client.ts";
import { CONFIG_MAPS } from "./resources/configuration.ts";
import { isGone } from "./status-predicates.ts";

test("a list whose version etcd compacts between two pages throws isGone", async (t) => {
  // Since 1.34 the API server answers later pages from snapshots of its cache while it has them.
  const extraApiServerArgs = ["--etcd-compaction-interval=500ms", "--feature-gates=ListFromCacheSnapshot=false"];
  await using controlPlane = await startControlPlane({ extraApiServerArgs, signal: t.signal });
  const config = await loadKubeconfig({ path: controlPlane.kubeconfigPath });
  await using client = createKubeClient(config, { userAgent: "carrel-test/1" });
  const namespace = "default";
  for (const name of ["a", "b", "c"]) await client.create(CONFIG_MAPS, { metadata: { name, namespace } });

  let pages = 0;
  await assert.rejects(async () => {
    for await (const _ of client.pages(CONFIG_MAPS, { namespace, limit: 1 })) {
      if (++pages > 1) continue;
      // Compaction takes what is older than one interval, and something newer must exist.
      for (let i = 0; i < 6; i++) {
        await client.mergePatch(CONFIG_MAPS, "c", { data: { i: String(i) } }, { namespace });
        await systemClock.sleep(500);
      }
    }
  }, isGone);
  assert.equal(pages, 1);
});
