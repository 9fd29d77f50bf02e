import { randomInt } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { randomPort } from "../process/random-port.ts";
import { makeScratchDirectory } from "../process/scratch-directory.ts";
import { Connections } from "./connections.ts";
import { carry } from "./exchange.ts";
import { FaultPlan } from "./fault-plan.ts";
import type { FaultProxy, FaultProxyOptions } from "./fault-proxy.ts";
import { renderRequest } from "./proxied-request.ts";
import { issueProxyCertificate } from "./proxy-certificate.ts";
import { RequestLog } from "./request-log.ts";
import { seededRandom } from "./seeded-random.ts";
import { renderTokenKubeconfig } from "./token-kubeconfig.ts";
import { createUpstream } from "./upstream.ts";
import { Valve } from "./valve.ts";

const PORT_TRIES = 20;
/** How many requests a failing test prints. */
const REPORTED_REQUESTS = 40;

/** Starts a {@link FaultProxy} (30 ms). Without rules it changes nothing that passes through it. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { target, caPem: targetCaPem, token, seed = randomInt(2 ** 32), signal } = options;
  await using cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await makeScratchDirectory("fault-proxy"));
  const upstream = cleanup.use(createUpstream(target, targetCaPem));
  const random = seededRandom(seed);
  const plan = new FaultPlan(random);
  const log = new RequestLog();
  const valve = new Valve();
  const caPath = join(scratch.path, "trusted.crt");
  const kubeconfigPath = join(scratch.path, "kubeconfig");

  let authorities = 0;
  let certificate = await issueProxyCertificate(scratch.path, `ca-${authorities}`, signal);
  await writeFile(caPath, certificate.caPem);

  const server = createServer({ cert: certificate.certPem, key: certificate.keyPem, ALPNProtocols: ["http/1.1"] });
  // Watches last; a client decides itself how long it waits.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 120_000;
  server.on("tlsClientError", () => undefined);
  server.on("clientError", (_error, socket) => void socket.destroy());
  const connections = new Connections(server);
  server.on("request", (request, response) => {
    const connection = connections.of(request.socket);
    if (connection === undefined) return void request.socket.destroy();
    const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
    const facts = {
      method: request.method ?? "GET",
      path,
      query,
      userAgent: request.headers["user-agent"] ?? "",
      watch: isWatch(path, query),
    };
    const entry = log.add({ ...facts, connection: connection.number });
    const faults = plan.select(facts);
    entry.faults = faults.map((fault) => fault.kind);
    void carry({ request, response, connection, entry, faults, upstream, valve, random });
  });

  const port = await listenOnFreePort(server);
  cleanup.defer(async () => {
    valve.open();
    const closed = server.listening ? once(server, "close") : undefined;
    server.close();
    connections.end("cut");
    await closed;
  });
  const url = `https://127.0.0.1:${port}`;
  const kubeconfig = renderTokenKubeconfig({ server: url, caPem: certificate.caPem, token });
  await writeFile(kubeconfigPath, JSON.stringify(kubeconfig, undefined, 2), { mode: 0o600 });
  const { test } = options;
  test?.after(() => {
    if (test.passed === true) return;
    const last = log.select().slice(-REPORTED_REQUESTS).map(renderRequest);
    test.diagnostic([`fault proxy: seed ${seed}; its last requests:`, ...last].join("\n  "));
  });
  const owned = cleanup.move();

  return {
    url,
    get caPem() {
      return certificate.caPem;
    },
    caPath,
    kubeconfig,
    kubeconfigPath,
    seed,
    inject: (rule, ...faults) => plan.add(rule, faults),
    clear: () => plan.clear(),
    freeze: () => valve.close(),
    thaw: () => valve.open(),
    endConnections: (how = "cut") => connections.end(how),
    async refuse() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      connections.end("reset");
      await closed;
    },
    async listen() {
      if (!server.listening) await startListening(server, port);
    },
    async changeCertificate(authority = "same") {
      if (authority === "other") authorities++;
      certificate = await issueProxyCertificate(scratch.path, `ca-${authorities}`, signal);
      server.setSecureContext({ cert: certificate.certPem, key: certificate.keyPem });
      await writeFile(caPath, certificate.caPem);
    },
    requests: (filter) => log.select(filter),
    count: (filter) => log.select(filter).length,
    clearRequests: () => log.clear(),
    get connections() {
      return { total: connections.total, open: connections.open };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function isWatch(path: string, query: string): boolean {
  const watch = new URLSearchParams(query).get("watch");
  return watch === "true" || watch === "1" || /\/watch\//.test(path);
}

async function listenOnFreePort(server: Server): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = randomPort();
    try {
      await startListening(server, port);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || tries === PORT_TRIES) throw error;
    }
  }
}

async function startListening(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}
