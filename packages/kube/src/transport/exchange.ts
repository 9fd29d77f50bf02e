import type { IncomingHttpHeaders } from "node:http";
import { type Dispatcher, errors } from "undici";
import { DeadlineReached } from "./call-scope.ts";
import { TransportError, type TransportErrorCode } from "./transport-error.ts";

/** One HTTP request, ready to be written. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  /** The longest pause between two pieces of the body; 0: any. */
  readonly bodyTimeoutMs: number;
}

/** Status line and headers of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** Who takes the answer. After `onHead` and any number of `onChunk` comes exactly one of `onEnd` and `onError`. */
export interface Receiver {
  onHead(head: AnswerHead): void;
  /** May throw a TransportError: that ends the exchange and comes back through `onError`. */
  onChunk(chunk: Buffer): void;
  onEnd(): void;
  onError(error: TransportError): void;
}

/**
 * One request and its answer over one connection, on undici's lowest interface: there it is known whether the request
 * was written (`onRequestStart` runs immediately before the write), and an abort destroys the socket at once.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #receiver: Receiver;
  readonly #signal: AbortSignal;
  #controller: Dispatcher.DispatchController | undefined;
  #sent = false;
  #over = false;

  private constructor(request: HttpRequest, signal: AbortSignal, receiver: Receiver) {
    this.#request = request;
    this.#signal = signal;
    this.#receiver = receiver;
  }

  /** Starts the exchange. Whatever goes wrong, also at once, arrives through `receiver.onError`. */
  static start(dispatcher: Dispatcher, request: HttpRequest, signal: AbortSignal, receiver: Receiver): Exchange {
    const exchange = new Exchange(request, signal, receiver);
    if (signal.aborted) {
      exchange.#onAbort();
      return exchange;
    }
    signal.addEventListener("abort", exchange.#onAbort, { once: true });
    try {
      dispatcher.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: request.headers,
          body: request.body ?? null,
          bodyTimeout: request.bodyTimeoutMs,
          // undici closes the connection after a DELETE with a body unless told not to: a handshake per delete.
          reset: false,
        },
        exchange,
      );
    } catch (error) {
      exchange.#fail(exchange.#translate(error));
    }
    return exchange;
  }

  /** Ends the exchange and its connection now. Does nothing when it is over. */
  cancel(error: TransportError): void {
    this.#fail(error);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Aborted while it waited for a connection: undici still hands it over, and must be told here.
    if (this.#over) controller.abort(new Error("aborted before it was sent"));
    else this.#sent = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (!this.#over && status >= 200) this.#receiver.onHead({ status, headers });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    try {
      this.#receiver.onChunk(chunk);
    } catch (error) {
      this.#fail(error instanceof TransportError ? error : this.#translate(error));
    }
  }

  onResponseEnd(): void {
    if (this.#finish()) this.#receiver.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(this.#translate(error));
  }

  readonly #onAbort = (): void => this.#fail(this.#translate(this.#signal.reason));

  #fail(error: TransportError): void {
    if (!this.#finish()) return;
    this.#controller?.abort(error);
    this.#receiver.onError(error);
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    return true;
  }

  #translate(error: unknown): TransportError {
    return translateError(error, this.#signal, this.#sent, nameRequest(this.#request));
  }
}

/** How messages name a request: without its query, whose continue tokens are long and say nothing. */
export function nameRequest(request: Pick<HttpRequest, "method" | "path">): string {
  return `${request.method} ${request.path.split("?", 1)[0]}`;
}

/** Names what went wrong. No header and no byte of the answer gets into the error. Pure. */
export function translateError(error: unknown, signal: AbortSignal, sent: boolean, what: string): TransportError {
  const suffix = sent ? "the request was sent" : "the request was not sent";
  if (signal.aborted) {
    const reason: unknown = signal.reason;
    if (reason instanceof DeadlineReached) {
      return new TransportError("KUBE_DEADLINE", `${what}: ${reason.message}; ${suffix}`, { sent });
    }
    return new TransportError("KUBE_ABORTED", `${what}: aborted; ${suffix}`, { sent, cause: reason });
  }
  const low = codeOf(error);
  // A parser's error carries the bytes that it choked on: never as a cause, which loggers print in full.
  const cause = error instanceof errors.HTTPParserError ? undefined : error;
  return new TransportError(classify(low, sent), `${what}: ${low}; ${suffix}`, { sent, cause });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown failure";
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof errors.HTTPParserError) return isCut(error) ? "cut short" : "not HTTP";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** The parser complains of the end itself, not of any bytes; undici leaves the error's code undefined for both. */
function isCut(error: errors.HTTPParserError): boolean {
  return "data" in error && error.data === "";
}

function classify(code: string, sent: boolean): TransportErrorCode {
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") return "KUBE_CLOSED";
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") return "KUBE_DEADLINE";
  if (code === "not HTTP" || code === "UND_ERR_HEADERS_OVERFLOW") return "KUBE_BAD_ANSWER";
  return sent ? "KUBE_CONNECTION_LOST" : "KUBE_UNREACHABLE";
}
