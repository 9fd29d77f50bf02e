import type { Clock } from "@carrel/std";
import type { ClientMetrics } from "../client/client-metrics.ts";
import { CallScope } from "./call-scope.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { type Answer, collectAnswer } from "./collect-answer.ts";
import { ConnectionPools, type Lane, LANES } from "./connection-pools.ts";
import { Credentials, type Identity } from "./credentials.ts";
import { type AnswerHead, type HttpRequest, nameRequest, translateError } from "./exchange.ts";
import { retryAfterMs } from "./retry-after.ts";
import { streamAnswer, type StreamedAnswer } from "./stream-answer.ts";
import { TransportError } from "./transport-error.ts";

/** One call, before credentials. */
export interface TransportRequest {
  readonly method: HttpRequest["method"];
  /** Path and query, without the server's prefix. */
  readonly path: string;
  readonly lane: Lane;
  readonly accept: string;
  readonly contentType?: string | undefined;
  readonly body?: Buffer | undefined;
  /** Deadline of the call with all retries; of a stream: until its head. */
  readonly timeoutMs: number;
  /** How long a stream may last after its head. */
  readonly lifetimeMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For metrics. */
  readonly labels: { readonly verb: string; readonly resource: string };
}

export interface TransportOptions {
  readonly clock: Clock;
  readonly metrics: ClientMetrics;
  readonly userAgent: string;
  /** The longest answer that is collected, in bytes. */
  readonly maxAnswerBytes: number;
}

/** Between two pieces of an answer's body. */
const BODY_TIMEOUT_MS = 30_000;

/**
 * Gets requests to the API server and answers back, whatever the answers say: connections, credentials, deadlines,
 * 429/503 with Retry-After, and one more try after a 401 or a failed handshake when the files say something new.
 */
export class Transport implements AsyncDisposable {
  readonly #options: TransportOptions;
  readonly #credentials: Credentials;
  readonly #server: URL;
  readonly #prefix: string;
  readonly #servername: string | undefined;
  readonly #inFlight: Record<Lane, number> = { calls: 0, leases: 0, watches: 0 };
  /** The newest serves; older ones, of a previous certificate, finish what they began. */
  readonly #generations: ConnectionPools[] = [];
  #closed = false;

  constructor(config: ClusterConfig, options: TransportOptions) {
    this.#options = options;
    this.#credentials = new Credentials(config, options.clock);
    this.#server = new URL(config.server);
    this.#prefix = this.#server.pathname.replace(/\/+$/, "");
    this.#servername = config.tlsServerName;
  }

  /** @throws TransportError, KubeConfigError */
  async call(request: TransportRequest): Promise<Answer> {
    using scope = new CallScope(this.#options.clock, request.timeoutMs, request.signal);
    return await this.#untilAccepted(request, scope, (http, pools) =>
      collectAnswer(pools.get(request.lane), http, scope.signal, this.#options.maxAnswerBytes),
    );
  }

  /** Opens a stream; dispose it. @throws TransportError, KubeConfigError */
  async open(request: TransportRequest): Promise<StreamedAnswer> {
    const scope = new CallScope(this.#options.clock, request.timeoutMs, request.signal);
    try {
      const stream = await this.#untilAccepted(request, scope, (http, pools) =>
        streamAnswer(pools.get(request.lane), http, scope.signal),
      );
      scope.extend(request.lifetimeMs ?? request.timeoutMs);
      this.#inFlight[request.lane]++;
      const ended = new DisposableStack();
      ended.use(scope);
      ended.use(stream);
      ended.defer(() => this.#inFlight[request.lane]--);
      return { ...stream, [Symbol.dispose]: () => ended.dispose() };
    } catch (error) {
      scope[Symbol.dispose]();
      throw error;
    }
  }

  /** Ends everything under way with `KUBE_CLOSED`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#generations.splice(0).map((pools) => pools.destroy()));
  }

  async #untilAccepted<T extends AnswerHead & Partial<Disposable>>(
    request: TransportRequest,
    scope: CallScope,
    attempt: (http: HttpRequest, pools: ConnectionPools) => Promise<T>,
  ): Promise<T> {
    const { clock, metrics } = this.#options;
    let changed = false;
    for (;;) {
      const identity = await this.#credentials.current();
      const answer = await this.#counted(request, () =>
        attempt(this.#render(request, identity), this.#poolsFor(identity)),
      ).catch(async (error: unknown) => {
        // Perhaps the server's certificate is of a new authority, which the file knows already.
        const again = !changed && isUnreachable(error) && (await this.#credentials.refused(identity));
        if (!again) throw error;
      });
      if (answer === undefined || (answer.status === 401 && !changed && (await this.#credentials.refused(identity)))) {
        changed = true;
        metrics.retries.add(1, { ...request.labels, reason: "new_credentials" });
        answer?.[Symbol.dispose]?.();
        continue;
      }
      const waitMs = retryAfterMs(answer, clock.now());
      if (waitMs === undefined || waitMs >= scope.leftMs()) return answer;
      answer[Symbol.dispose]?.();
      metrics.retries.add(1, { ...request.labels, reason: "retry_after" });
      try {
        await clock.sleep(waitMs, scope.signal);
      } catch (error) {
        throw translateError(error, scope.signal, false, nameRequest(request));
      }
    }
  }

  async #counted<T extends AnswerHead>(request: TransportRequest, attempt: () => Promise<T>): Promise<T> {
    const { clock, metrics } = this.#options;
    const { lane, labels } = request;
    if (this.#inFlight[lane] >= LANES[lane].maxInFlight) {
      const message = `${nameRequest(request)}: ${LANES[lane].maxInFlight} ${lane} are under way already`;
      throw new TransportError("KUBE_OVERLOADED", message, { sent: false });
    }
    this.#inFlight[lane]++;
    const startedAt = clock.monotonic();
    let code = "unknown";
    try {
      const answer = await attempt();
      code = String(answer.status);
      return answer;
    } catch (error) {
      if (error instanceof TransportError) code = error.code;
      throw error;
    } finally {
      this.#inFlight[lane]--;
      metrics.requests.add(1, { ...labels, code });
      metrics.requestDuration.record((clock.monotonic() - startedAt) / 1000, labels);
    }
  }

  #render(request: TransportRequest, identity: Identity): HttpRequest {
    const headers: Record<string, string> = { accept: request.accept, "user-agent": this.#options.userAgent };
    if (request.contentType !== undefined) headers["content-type"] = request.contentType;
    if (identity.authorization !== undefined) headers["authorization"] = identity.authorization;
    return {
      method: request.method,
      path: `${this.#prefix}${request.path}`,
      headers,
      body: request.body,
      bodyTimeoutMs: request.lane === "watches" ? 0 : BODY_TIMEOUT_MS,
    };
  }

  #poolsFor(identity: Identity): ConnectionPools {
    if (this.#closed) throw new TransportError("KUBE_CLOSED", "the client has been disposed", { sent: false });
    const newest = this.#generations.at(-1);
    if (newest?.tls === identity.tls) return newest;
    const { ca, cert, key } = identity.tls;
    if (newest !== undefined && newest.tls.ca === ca && newest.tls.cert === cert && newest.tls.key === key)
      return newest;

    const pools = new ConnectionPools({
      origin: this.#server.origin,
      servername: this.#servername,
      tls: identity.tls,
    });
    this.#generations.push(pools);
    void newest?.close().then(() => {
      const index = this.#generations.indexOf(newest);
      if (index >= 0) this.#generations.splice(index, 1);
    });
    return pools;
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof TransportError && error.code === "KUBE_UNREACHABLE";
}
