import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { CarrelError, type Clock } from "@carrel/std";
import type { Dispatcher } from "undici";
import type { Refusal } from "../request/decide.ts";
import type { RequestHead } from "../request/request-head.ts";
import type { Cut } from "../streams/cut.ts";
import type { Stream, StreamFacts, StreamKind } from "../streams/stream.ts";
import { clientHeaders, isEventStream } from "./client-headers.ts";
import { podFailure } from "./pod-failure.ts";
import { wasStaleConnection } from "./stale-connection.ts";

export interface HttpExchangeOptions {
  readonly facts: StreamFacts;
  readonly head: RequestHead;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dispatcher: Dispatcher;
  readonly port: number;
  /** What the pod gets, see `podHeaders`. */
  readonly headers: string[];
  /** The Host of the request without port, in lower case. */
  readonly host: string;
  /** Headers of ours for the answer (a renewed cookie), names and values in turn. */
  readonly answerHeaders: readonly string[];
  readonly clock: Clock;
  /** The process stops: the connection is closed after the answer. */
  readonly isDraining: () => boolean;
  /** Answers in place of the pod; nothing has been written yet. */
  readonly refuse: (refusal: Refusal) => void;
  /** The answer turned out to be an event stream. */
  readonly onEvents: () => void;
  /** Nothing more happens on either side. `status` is the pod's, if it answered. */
  readonly onClosed: (outcome: ExchangeOutcome) => void;
}

/** How long either side may be silent. */
export interface SilenceLimits {
  readonly requestBodyIdleMs: number;
  readonly responseIdleMs: number;
}

/** How an exchange ended. */
export interface ExchangeOutcome {
  readonly status: number | undefined;
  /** From dialling to the head of the pod's answer. */
  readonly firstByteMs: number | undefined;
}

/** A first piece of a body that waits for the rest of its tick, at most. */
const MERGED_BYTES = 4096;
/** How long a stopping process waits for the end of an event. */
const EVENT_END_WAIT_MS = 250;

/** One request to a pod and its answer. */
export class HttpExchange implements Stream, Dispatcher.DispatchHandler {
  readonly session: string;
  readonly endpoint: string;
  readonly authentication: StreamFacts["authentication"];
  readonly podUid?: string;
  kind: StreamKind = "http";
  readonly #options: HttpExchangeOptions;
  readonly #startedMs: number;
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | undefined;
  #firstByteMs: number | undefined;
  #retried = false;
  #closed = false;
  #cut = false;
  /** The head is out. */
  #begun = false;
  /** Has come in one piece with the head, which is not out yet. */
  #firstChunk: Buffer | undefined;
  /** Monotonic time of the last byte in either direction. */
  #lastByteMs: number;
  /** The last bytes of an event stream were a blank line. */
  #atEventEnd = true;

  constructor(options: HttpExchangeOptions) {
    this.#options = options;
    const { facts, clock } = options;
    this.session = facts.session;
    this.endpoint = facts.endpoint;
    this.authentication = facts.authentication;
    if (facts.podUid !== undefined) this.podUid = facts.podUid;
    this.#startedMs = clock.monotonic();
    this.#lastByteMs = this.#startedMs;
  }

  /** Ends it when neither side has sent anything for too long; the pod's first byte has a limit of its own. */
  endIfSilent({ requestBodyIdleMs, responseIdleMs }: SilenceLimits): void {
    const { head, request, response, clock } = this.#options;
    const uploading = head.body !== "none" && !request.complete;
    if (!uploading && this.#status === undefined) return;
    const silentMs = clock.monotonic() - this.#lastByteMs;
    if (silentMs <= (uploading ? requestBodyIdleMs : responseIdleMs)) return;
    response.destroy();
    this.#end();
  }

  start(): void {
    const { response } = this.#options;
    response.on("close", () => this.#clientClosed());
    response.on("drain", () => this.#controller?.resume());
    this.#dispatch();
  }

  /** Destroys a request in flight; ends an event stream, so that the browser asks again and is told to stop. */
  cut(cut: Cut): void {
    if (this.#closed || (this.#cut && cut.cause === "drain")) return;
    this.#cut = true;
    if (this.kind !== "events") this.#options.response.destroy();
    else if (cut.cause === "drain" && !this.#atEventEnd) {
      // The right is still there: let the event that is on its way arrive whole.
      this.#options.clock.sleep(EVENT_END_WAIT_MS).then(
        () => this.#end(),
        () => undefined,
      );
      return;
    }
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    const { response } = this.#options;
    if (!response.destroyed) response.end();
    this.#controller?.abort(new CarrelError("CUT", "the stream was cut"));
    this.#finish();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#closed) controller.abort(new CarrelError("CLOSED", "the client has gone"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, message = ""): void {
    // Interim answers end here: the client's Expect has been answered by us.
    if (status < 200 || this.#closed) return;
    const { response, answerHeaders, host, clock, isDraining } = this.#options;
    this.#lastByteMs = clock.monotonic();
    this.#status = status;
    this.#firstByteMs = this.#lastByteMs - this.#startedMs;
    const raw = textHeaders(controller.rawHeaders);
    const events = isEventStream(raw);
    const headers = withOwnHeaders(clientHeaders(raw, host), answerHeaders);
    if (events) headers.push("X-Accel-Buffering", "no");
    response.sendDate = false;
    if (isDraining()) response.shouldKeepAlive = false;
    if (/^[\t\x20-\x7e]*$/.test(message)) response.writeHead(status, message, headers);
    else response.writeHead(status, headers);
    // Head, body and end of a small answer mostly come in one piece, and then go out in one piece (see #begin).
    queueMicrotask(() => this.#begin());
    if (events) this.#options.onEvents();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#closed) return;
    this.#lastByteMs = this.#options.clock.monotonic();
    if (!this.#begun && this.#firstChunk === undefined && chunk.length <= MERGED_BYTES) {
      this.#firstChunk = chunk;
    } else {
      this.#begin();
      if (!this.#options.response.write(chunk)) controller.pause();
    }
    if (this.kind !== "events") return;
    this.#atEventEnd = endsEvent(chunk);
    if (this.#cut && this.#atEventEnd) this.#end();
  }

  onResponseEnd(): void {
    if (this.#closed) return;
    // Trailers are dropped: to some servers they look like headers.
    const { response } = this.#options;
    // A text is written in one piece with the head, bytes are not: that is a third of the cost of a small answer.
    if (!this.#begun && this.#firstChunk !== undefined) response.end(this.#firstChunk.toString("latin1"), "latin1");
    else response.end();
    this.#begun = true;
    this.#finish();
  }

  /** Sends the head, with what has come of the body; later pieces follow as they come. */
  #begin(): void {
    const { response } = this.#options;
    if (this.#begun || response.destroyed) return;
    this.#begun = true;
    if (this.#firstChunk === undefined) response.flushHeaders();
    else if (!response.write(this.#firstChunk)) this.#controller?.pause();
    this.#firstChunk = undefined;
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#closed) return;
    const { response, head, port } = this.#options;
    if (response.headersSent) {
      // Without its end the client sees that the answer is not whole.
      response.destroy();
      this.#finish();
      return;
    }
    const harmless = head.body === "none" && (head.method === "GET" || head.method === "HEAD");
    if (harmless && !this.#retried && wasStaleConnection(error)) {
      this.#retried = true;
      this.#dispatch();
      return;
    }
    this.#closed = true;
    this.#options.refuse(podFailure(error, port));
    this.#report();
  }

  onBodySent(): void {
    this.#lastByteMs = this.#options.clock.monotonic();
  }

  #dispatch(): void {
    const { dispatcher, head, headers } = this.#options;
    try {
      dispatcher.dispatch(
        {
          path: head.podTarget,
          method: head.method as Dispatcher.HttpMethod,
          headers,
          body: head.body === "none" ? null : this.#body(),
          // A request whose end the pod may read differently must not share its connection with the next one.
          ...(head.body === "chunked" ? { reset: true } : {}),
        },
        this,
      );
    } catch (error) {
      this.onResponseError(undefined as never, error as Error);
    }
  }

  /** The body behind a stream of its own: a pod that answers early makes undici destroy it, not the client's socket. */
  #body(): PassThrough {
    const { request } = this.#options;
    const body = new PassThrough();
    request.pipe(body);
    request.once("error", (error) => body.destroy(error));
    body.once("close", () => {
      request.unpipe(body);
      request.resume();
    });
    return body;
  }

  #clientClosed(): void {
    if (this.#closed) return;
    this.#controller?.abort(new CarrelError("CLIENT_GONE", "the client has gone"));
    this.#finish();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#report();
  }

  #report(): void {
    this.#options.onClosed({ status: this.#cut ? undefined : this.#status, firstByteMs: this.#firstByteMs });
  }
}

/** True when a chunk ends with a blank line, the end of an event. */
function endsEvent(chunk: Buffer): boolean {
  const tail = chunk.subarray(-4).toString("latin1");
  return tail.endsWith("\n\n") || tail.endsWith("\r\r") || tail.endsWith("\r\n\r\n");
}

/** An answer that carries somebody's cookie must not be kept by a cache that serves others. */
function withOwnHeaders(headers: string[], own: readonly string[]): string[] {
  if (!own.includes("Set-Cookie")) return [...headers, ...own];
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? "";
    if (name.toLowerCase() !== "cache-control") kept.push(name, headers[index + 1] ?? "");
  }
  return [...kept, "Cache-Control", "private, no-cache", ...own];
}

function textHeaders(raw: Dispatcher.DispatchController["rawHeaders"]): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part) => (typeof part === "string" ? part : part.toString("latin1")));
}
