import { createKubeClient, EventRecorder, loadKubeconfig } from "@carrel/kube";
import { connectMessaging, inboxPrefix, natsSettings, type Messaging } from "@carrel/messaging";
import { runService } from "@carrel/service";
import { buildManager } from "./build-manager.ts";
import { configSchema } from "./config.ts";

await runService({
  name: "reaper",
  schema: configSchema,
  main: async ({ config, logger, signal, probes }) => {
    const kubeconfig = await loadKubeconfig(config.kubeconfig === undefined ? {} : { path: config.kubeconfig });
    await using client = createKubeClient(kubeconfig, { userAgent: "carrel-reaper" });
    await using events = new EventRecorder({
      client,
      controller: "carrel-reaper",
      instance: config.identity ?? "carrel-reaper",
    });

    // Sessions end on time without NATS: its events are hints, so nothing here waits for the connection.
    let messaging: Messaging | undefined;
    const connecting = connectMessaging({
      ...natsSettings(config.nats),
      name: "carrel-reaper",
      inboxPrefix: inboxPrefix("reaper"),
      connectTimeoutMs: 24 * 3_600_000,
      signal,
      logger,
    }).then(
      (connected) => (messaging = connected),
      (error: unknown) => logger.warn({ err: error }, "no events: NATS is not connected"),
    );
    const manager = buildManager({
      client,
      config,
      logger,
      events,
      publish: (subject, body) => void messaging?.publishEvent(subject, body),
    });
    probes.addReady("caches", () => manager.ready().ok);
    probes.addLive("manager", () => manager.live().ok);
    probes.started();
    try {
      await manager.run(signal);
    } finally {
      await connecting;
      await messaging?.close();
    }
  },
});
