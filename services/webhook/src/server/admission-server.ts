import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Logger, Runnable } from "@carrel/kube";
import { deadlineSignal, type Clock } from "@carrel/std";
import type { Served, ServingCertificate } from "../certificates/serving-certificate.ts";
import type { WebhookMetrics } from "../metrics.ts";
import { Connections } from "./connections.ts";
import { readBody } from "./read-body.ts";
import { classOf, type ReviewClass } from "./review-class.ts";
import { reviewDeadlineMs } from "./review-deadline.ts";
import { ReviewFailure } from "./review-failure.ts";
import type { ReviewHandler } from "./review-handler.ts";
import { Slots } from "./slots.ts";

export interface AdmissionServerOptions {
  readonly host?: string;
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  readonly serving: ServingCertificate;
  readonly handler: ReviewHandler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
}

/** The API server keeps idle connections for 90 s; whoever closes them earlier resets reviews, which then are refused. */
const KEEP_ALIVE_MS = 120_000;
const HEADERS_MS = 32_000;
const MAX_CONNECTIONS = 1000;
/** Bodies above this size are read and parsed by a few at a time: each blocks everybody else for milliseconds. */
const LARGE_BYTES = 512 * 1024;
const LARGE_AT_ONCE = 4;
const LARGE_WAITING = 64;
const STOP_MS = 10_000;
/** What is read of a review that is refused unread: its uid stands in there. */
const PREFIX_BYTES = 4096;

/**
 * The HTTPS server that the API server calls: `POST` of an AdmissionReview to the path of a {@link ReviewClass}. Every
 * review gets an answer within the `?timeout=` that it came with. New certificates take effect with the next handshake;
 * connections that are open go on.
 */
export class AdmissionServer implements Runnable {
  readonly name = "admission server";
  readonly #options: AdmissionServerOptions;
  readonly #inFlight = new Map<ReviewClass, number>();
  readonly #large = new Slots(LARGE_AT_ONCE, LARGE_WAITING);
  #server: Server | undefined;
  #stopping = false;

  constructor(options: AdmissionServerOptions) {
    this.#options = options;
  }

  /** The port that is listened on; undefined before and after. */
  get port(): number | undefined {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return address?.port;
  }

  /** Waits for the first certificate, then serves until the signal aborts and what is under way has been answered. */
  async run(signal: AbortSignal): Promise<void> {
    const { serving, host, port, logger } = this.#options;
    const served = await serving.loaded(signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (served === undefined) return;
    const server = createServer({ ...tls(served), minVersion: "TLSv1.2" });
    const connections = new Connections(server);
    server.on("request", (request, response) => void this.#serve(request, response));
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.headersTimeout = HEADERS_MS;
    server.requestTimeout = HEADERS_MS;
    server.maxConnections = MAX_CONNECTIONS;
    server.on("tlsClientError", (err) => logger.debug({ err }, "a handshake failed"));
    using _ = serving.onChange((next) => {
      server.setSecureContext({ ...tls(next), minVersion: "TLSv1.2" });
      logger.info({}, "serving a new certificate");
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, host, resolve);
    });
    this.#server = server;
    logger.info({ port: this.port }, "admission server listening");
    await aborted(signal);
    await this.#stop(server, connections);
  }

  /** Idle connections close at once, the others with their answer; what takes longer is cut. */
  async #stop(server: Server, connections: Connections): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    connections.closeIdle();
    const patience = new AbortController();
    const late = this.#options.clock.sleep(STOP_MS, patience.signal).catch(() => undefined);
    await Promise.race([closed, late]);
    patience.abort(new ReviewFailure("ADMISSION_UNAVAILABLE", "the server has stopped"));
    connections.closeAll();
    await closed;
    this.#server = undefined;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, metrics, logger } = this.#options;
    const startedMs = clock.monotonic();
    const url = new URL(request.url ?? "/", "https://webhook");
    const of = classOf(url.pathname);
    if (of === undefined) return this.#send(response, 404, "text/plain", "not a path of this webhook\n");
    if (request.method !== "POST") return this.#send(response, 405, "text/plain", "POST an AdmissionReview\n");
    const labels = { class: of.name };
    this.#count(of, 1);
    metrics.inFlight.add(1, labels);
    try {
      const endMs = startedMs + reviewDeadlineMs(url.searchParams.get("timeout"));
      const answer = await this.#answer(of, request, () => deadlineSignal(Math.ceil(endMs - clock.monotonic())));
      if (answer === undefined) this.#send(response, 400, "text/plain", "no AdmissionReview with a uid\n");
      else this.#send(response, 200, "application/json", answer);
    } catch (err) {
      // Only a connection that is gone gets here: there is nobody to answer.
      logger.debug({ err, class: of.name }, "a review was given up");
      response.destroy();
    } finally {
      // What was not read of a refused body would stand before the connection's next request.
      request.resume();
      this.#count(of, -1);
      metrics.inFlight.add(-1, labels);
      metrics.duration.record((clock.monotonic() - startedMs) / 1000, labels);
    }
  }

  #send(response: ServerResponse, status: number, type: string, body: string): void {
    if (this.#stopping) response.setHeader("connection", "close");
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(body);
  }

  async #answer(of: ReviewClass, request: IncomingMessage, deadline: () => AbortSignal): Promise<string | undefined> {
    const { handler } = this.#options;
    const bytes = Number(request.headers["content-length"] ?? 0);
    if (bytes > of.maxBodyBytes) return await this.#refuse(of, request, tooLarge(of));
    if ((this.#inFlight.get(of) ?? 0) > of.maxInFlight) return await this.#refuse(of, request, overloaded());
    const large = bytes > LARGE_BYTES;
    if (large && !(await this.#large.take(deadline()))) return await this.#refuse(of, request, overloaded());
    try {
      const { body, complete } = await readBody(request, of.maxBodyBytes);
      return complete ? await handler.handle(of, body, deadline) : handler.fail(of, body, tooLarge(of));
    } finally {
      if (large) this.#large.release();
    }
  }

  /** Refuses without reading more than the beginning of the body, where the uid is. */
  async #refuse(of: ReviewClass, request: IncomingMessage, failure: ReviewFailure): Promise<string | undefined> {
    const { body } = await readBody(request, PREFIX_BYTES);
    return this.#options.handler.fail(of, body, failure);
  }

  #count(of: ReviewClass, change: 1 | -1): void {
    this.#inFlight.set(of, (this.#inFlight.get(of) ?? 0) + change);
  }
}

function tls({ certificate, key }: Served): { cert: string; key: string } {
  return { cert: certificate, key };
}

function tooLarge(of: ReviewClass): ReviewFailure {
  return new ReviewFailure("ADMISSION_TOO_LARGE", `the review must not exceed ${of.maxBodyBytes} bytes`);
}

function overloaded(): ReviewFailure {
  return new ReviewFailure("ADMISSION_OVERLOADED", "too many reviews at once; try again", { retryable: true });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
