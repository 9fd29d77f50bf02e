import { createKubeClient, loadKubeconfig } from "@carrel/kube";
import { runService } from "@carrel/service";
import { buildWebhook } from "./build-webhook.ts";
import { configSchema } from "./config.ts";

await runService({
  name: "webhook",
  schema: configSchema,
  main: async ({ config, logger, signal, probes }) => {
    const kubeconfig = await loadKubeconfig(config.kubeconfig === undefined ? {} : { path: config.kubeconfig });
    await using client = createKubeClient(kubeconfig, { userAgent: "carrel-webhook" });
    const { manager, missing } = buildWebhook({ client, config, logger });
    probes.addReady("admission", missing);
    probes.addLive("manager", () => manager.live().problems);
    probes.started();
    await manager.run(signal);
  },
});
