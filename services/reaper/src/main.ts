import { createKubeClient, EventRecorder, loadKubeconfig } from "@carrel/kube";
import { connectMessaging, inboxPrefix, natsSettings } from "@carrel/messaging";
import { runService } from "@carrel/service";
import { systemClock } from "@carrel/std";
import { buildManager } from "./build-manager.ts";
import { configSchema } from "./config.ts";
import { EventPublisher } from "./event-publisher.ts";

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

    const publisher = new EventPublisher({
      clock: systemClock,
      logger,
      connect: (until) =>
        connectMessaging({
          ...natsSettings(config.nats),
          name: "carrel-reaper",
          inboxPrefix: inboxPrefix("reaper"),
          connectTimeoutMs: Number.POSITIVE_INFINITY,
          signal: until,
          logger,
        }),
    });
    const manager = buildManager({
      client,
      config,
      logger,
      events,
      publish: (subject, body) => publisher.publish(subject, body),
    });
    manager.add(publisher);
    probes.addReady("caches", () => manager.ready().problems);
    probes.addLive("manager", () => manager.live().problems);
    probes.started();
    await manager.run(signal);
  },
});
