import { request, type Agent } from "node:https";
import { silentLogger } from "@carrel/kube";
import { systemClock, type Clock } from "@carrel/std";
import { ServingCertificate, type Served } from "../certificates/serving-certificate.ts";
import { takeStep } from "../certificates/take-step.ts";
import type { FactSource } from "../facts/fact-source.ts";
import { createWebhookMetrics } from "../metrics.ts";
import { AdmissionServer } from "../server/admission-server.ts";
import { ReviewHandler } from "../server/review-handler.ts";

/** An admission server for a test, on a free port of the loopback. */
export interface ServedReviews extends AsyncDisposable {
  readonly port: number;
  readonly serving: ServingCertificate;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** A fresh certificate for 127.0.0.1. */
export async function aCertificate(): Promise<Served> {
  const life = { authorityLifeMs: 3_600_000, serverLifeMs: 3_600_000, publishMs: 0, names: ["127.0.0.1"] };
  const set = await takeStep("begin", undefined, systemClock.now(), life);
  return { ...set.server, authority: set.authority.certificate };
}

/** Starts the server with these facts. */
export async function serveReviews(facts: FactSource, clock: Clock = systemClock): Promise<ServedReviews> {
  const metrics = createWebhookMetrics();
  const logger = silentLogger;
  const settings = {
    carrelNamespace: "carrel-system",
    operatorGroups: ["system:masters"],
    trustedUsers: [],
    tokenAudiences: ["https://kubernetes.default.svc"],
  };
  const serving = new ServingCertificate();
  const templateFacts = { factsFor: () => Promise.resolve({ profiles: new Map() }) };
  const handler = new ReviewHandler({ facts, templateFacts, settings, logger, metrics });
  const server = new AdmissionServer({
    host: "127.0.0.1",
    port: 0,
    serving,
    handler,
    clock,
    logger,
    metrics,
  });
  const stop = new AbortController();
  const ended = server.run(stop.signal);
  serving.load(await aCertificate());
  while (server.port === undefined) await systemClock.sleep(1);
  return {
    port: server.port,
    serving,
    stop,
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the test is over"));
      await ended;
    },
  };
}

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** The header `Connection`. */
  readonly connection: string | undefined;
  readonly response: {
    readonly uid?: string;
    readonly allowed?: boolean;
    readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
    readonly warnings?: readonly string[];
    readonly auditAnnotations?: Readonly<Record<string, string>>;
    readonly patch?: string;
  };
}

/** Sends a body as the API server does. */
export async function post(
  { port, ca, agent }: { readonly port: number; readonly ca: string; readonly agent?: Agent },
  path: string,
  body: unknown,
  method = "POST",
): Promise<HttpAnswer> {
  const bytes = typeof body === "string" ? body : JSON.stringify(body);
  return await new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(bytes) };
    const options = { host: "127.0.0.1", port, path, method, headers, ca, ...(agent === undefined ? {} : { agent }) };
    const sent = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const review =
          incoming.statusCode === 200 ? (JSON.parse(text) as { response: HttpAnswer["response"] }) : undefined;
        const { connection } = incoming.headers;
        resolve({ status: incoming.statusCode ?? 0, text, connection, response: review?.response ?? {} });
      });
    });
    sent.on("error", reject);
    sent.end(bytes);
  });
}
