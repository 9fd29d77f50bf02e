import { connectMessaging, inboxPrefix, natsSettings } from "@carrel/messaging";
import { createKubeClient, loadKubeconfig } from "@carrel/kube";
import { runService } from "@carrel/service";
import { systemClock } from "@carrel/std";
import { buildManager } from "./build-manager.ts";
import { configSchema } from "./config.ts";
import { ensureKeys } from "./keys/ensure-keys.ts";
import { ExchangeTokens } from "./keys/exchange-tokens.ts";
import { announceRequests } from "./requests/announce-requests.ts";
import { workOnCreates } from "./requests/async/work-on-creates.ts";
import { serveRequests } from "./requests/serve-requests.ts";
import { CapReservations } from "./sessions/cap-reservations.ts";
import { SessionUrls } from "./sessions/session-urls.ts";

await runService({
  name: "provisioner",
  schema: configSchema,
  main: async ({ config, logger, signal, probes, fail }) => {
    const urls = new SessionUrls({ domain: config.domain, scheme: config.publicScheme, port: config.publicPort });
    const kubeconfig = await loadKubeconfig(config.kubeconfig === undefined ? {} : { path: config.kubeconfig });
    await using client = createKubeClient(kubeconfig, { userAgent: "carrel-provisioner" });
    await using messaging = await connectMessaging({
      ...natsSettings(config.nats),
      name: "carrel-provisioner",
      inboxPrefix: inboxPrefix("provisioner"),
      signal,
      logger,
    });
    void messaging.closed.then((error) => error === undefined || fail(error));
    const [key] = await ensureKeys(client, config.namespace, signal);
    if (key === undefined) throw new Error("the signing key document holds no key");

    const publish = (subject: string, body: object): void => void messaging.publishEvent(subject, body);
    const { manager, ...caches } = buildManager({ client, config, logger, urls, publish });
    probes.addReady("caches", () => manager.ready().problems);
    const running = manager.run(signal);
    await Promise.race([running, until(() => manager.ready().ok, signal)]);

    const tokens = new ExchangeTokens({ key, issuer: config.issuer, clock: systemClock });
    const context = {
      client,
      tokens,
      urls,
      clock: systemClock,
      publish,
      reservations: new CapReservations(),
      ...caches,
    };
    using announced = announceRequests(messaging);
    await using _requests = await serveRequests(messaging, context, announced.count);
    await using creates = workOnCreates(messaging, context, config.creates, announced.count);
    probes.addDegraded("create-async", () => creates.problem());
    probes.addReady("nats", () => messaging.connected());
    probes.addLive("manager", () => manager.live().problems);
    probes.started();
    await running;
  },
});

/** Requests are served from the caches, so they come first. */
async function until(isReady: () => boolean, signal: AbortSignal): Promise<void> {
  while (!isReady()) await systemClock.sleep(20, signal);
}
