import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "@carrel/std";
import { createProxyMetrics, type ProxyMetrics } from "../metrics.ts";
import type { KeySource } from "../auth/key-source.ts";
import type { RouteSource } from "../routing/route-source.ts";
import { createContext, type ProxyParts } from "./create-context.ts";
import { drain } from "./drain.ts";
import { handleHttp, handleUnknownExpectation } from "./http-handler.ts";
import { IdleSweep } from "./idle-sweep.ts";
import type { Limits } from "./limits.ts";
import type { ProxyLogger, PublicAddress } from "./proxy-context.ts";
import { endWithResponse } from "./raw-response.ts";
import { handleUpgrade } from "./upgrade-handler.ts";

export interface ProxyServerOptions extends PublicAddress {
  readonly routes: RouteSource;
  readonly keys: KeySource;
  /** `iss` of the tokens that are accepted. */
  readonly issuer: string;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: ProxyLogger;
  /** Default: made from the global meter provider. */
  readonly metrics?: ProxyMetrics;
  /** Load balancers in front that write X-Forwarded-For; default 0. */
  readonly trustedHops?: number;
  /** Who may show a session in a frame, as CSP sources; default nobody but the session itself. */
  readonly frameAncestors?: readonly string[];
  /** Where a user gets a fresh link. */
  readonly loginUrl?: string;
}

/** A running proxy. */
export class ProxyServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #parts: ProxyParts;
  readonly #sweep: IdleSweep;
  #draining = false;

  constructor(options: ProxyServerOptions) {
    const { limits } = options;
    const metrics = options.metrics ?? createProxyMetrics();
    this.#parts = createContext({ ...options, metrics, isDraining: () => this.#draining });
    const { context } = this.#parts;
    this.#sweep = new IdleSweep(context.streams, limits, options.clock);
    this.#server = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: 1000,
      // An upload may take its time; silence is judged by the sweep.
      requestTimeout: 0,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      noDelay: true,
      // Anything else that asks for an upgrade is plain HTTP: `h2c`, a POST, a body.
      shouldUpgradeCallback: (request) =>
        request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket",
    });
    // Beyond the number node:http drops headers without a word; the size is limited, and readHead counts.
    this.#server.maxHeadersCount = 0;
    // A bug in the handling of one request must not take everybody else's connections with it.
    const guarded = (connection: { destroy(): unknown }, handle: () => void): void => {
      try {
        handle();
      } catch (error) {
        options.logger.error({ err: error }, "a request failed");
        connection.destroy();
      }
    };
    this.#server.on("request", (request, response) =>
      guarded(response, () => handleHttp(context, request, response, false)),
    );
    this.#server.on("checkContinue", (request, response) =>
      guarded(response, () => handleHttp(context, request, response, true)),
    );
    this.#server.on("checkExpectation", (request, response) =>
      guarded(response, () => handleUnknownExpectation(context, request, response)),
    );
    this.#server.on("upgrade", (request, socket, behind) =>
      guarded(socket, () => handleUpgrade(context, request, socket, behind)),
    );
    this.#server.on("clientError", (error, socket) => refuseGarbage(error, socket));
  }

  /** @throws the error of `listen` (port taken, not allowed) */
  async listen(port: number, host?: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port, ...(host === undefined ? {} : { host }), backlog: 4096 }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  /** The port that was taken. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open streams by kind. */
  get streams(): Readonly<Record<"http" | "events" | "websocket", number>> {
    return this.#parts.context.streams.counts;
  }

  /**
   * Stops in good order: no new connections, WebSockets closed with 1012 spread over time, event streams ended, requests
   * in flight finished up to their limit. Resolves when nothing is open any more.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    await drain(this.#server, this.#parts.context);
  }

  /** Stops at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true;
    this.#sweep[Symbol.dispose]();
    this.#server.close();
    await this.#parts[Symbol.asyncDispose]();
    this.#server.closeAllConnections();
  }
}

/** What node:http's parser refuses: the answer says no more than that, and the connection is closed. */
function refuseGarbage(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable || (socket as Socket).bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  endWithResponse(socket, { status, headers: [] });
}
