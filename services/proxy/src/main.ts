import { createKubeClient, loadKubeconfig, Manager } from "@carrel/kube";
import { runService } from "@carrel/service";
import { systemClock } from "@carrel/std";
import { KubeKeySource } from "./auth/kube-key-source.ts";
import { configSchema } from "./config.ts";
import { createProxyMetrics } from "./metrics.ts";
import { KubeRouteSource } from "./routing/kube-route-source.ts";
import { addressPolicy } from "./routing/pod-address.ts";
import { ProxyServer } from "./server/proxy-server.ts";

await runService({
  name: "proxy",
  schema: configSchema,
  main: async ({ config, logger, stopped, probes, fail }) => {
    const clock = systemClock;
    const metrics = createProxyMetrics();
    const kubeconfig = await loadKubeconfig(config.kubeconfig === undefined ? {} : { path: config.kubeconfig });
    await using client = createKubeClient(kubeconfig, { userAgent: "carrel-proxy" });
    const manager = new Manager({ client, logger });
    const keys = new KubeKeySource({ informers: manager, namespace: config.namespace, logger });
    const routes = new KubeRouteSource({
      informers: manager,
      client,
      clock,
      metrics,
      policy: addressPolicy(config.refusedCidrs),
      readThroughMs: config.limits.readThroughMs,
    });
    const { domain, publicScheme: scheme, publicPort: port, loginUrl, ...rest } = config;
    await using proxy = new ProxyServer({
      ...rest,
      ...(loginUrl === undefined ? {} : { loginUrl }),
      domain,
      scheme,
      port,
      routes,
      keys,
      clock,
      logger,
      metrics,
    });
    // The watches go on while streams are closed in good order: an end or a revocation still counts.
    const watching = new AbortController();
    const running = manager.run(watching.signal);
    running.catch(fail);
    await proxy.listen(config.listenPort, config.listenHost);
    logger.info({ port: proxy.port, domain }, "serving");
    probes.addReady("caches", () => manager.ready().problems);
    probes.addReady("keys", () => keys.isLoaded());
    probes.addLive("manager", () => manager.live().problems);
    probes.started();
    await stopped;
    await proxy.drain();
    watching.abort();
    await running;
  },
});
