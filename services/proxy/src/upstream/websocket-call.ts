import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CarrelError, type Clock } from "@carrel/std";
import type { Refusal } from "../request/decide.ts";
import type { Limits } from "../server/limits.ts";
import { responseHead } from "../server/raw-response.ts";
import type { Cut } from "../streams/cut.ts";
import type { Stream, StreamFacts } from "../streams/stream.ts";
import { clientHeaders } from "./client-headers.ts";
import { podFailure } from "./pod-failure.ts";
import { podHandshake, type HandshakeResult } from "./pod-handshake.ts";
import type { PodAddress } from "./pod-pools.ts";
import { Tunnel, type TunnelOutcome } from "./tunnel.ts";

export interface WebSocketCallOptions {
  readonly facts: StreamFacts;
  readonly pod: PodAddress;
  readonly target: string;
  readonly headers: readonly string[];
  readonly websocketKey: string;
  /** The Host of the request without port, in lower case. */
  readonly host: string;
  readonly answerHeaders: readonly string[];
  readonly client: Duplex;
  /** What the client has sent behind its handshake. */
  readonly behind: Buffer;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Answers in place of the pod; nothing has been written yet. */
  readonly refuse: (refusal: Refusal) => void;
  /** The pod has answered with this status. */
  readonly onAnswer: (status: number) => void;
  /** Nothing more happens on either side; with an outcome if there was a WebSocket. */
  readonly onClosed: (outcome?: TunnelOutcome) => void;
}

const KEEP_ALIVE_MS = 30_000;

/** A handshake that may go to the pod, and the WebSocket that comes of it. */
export class WebSocketCall implements Stream {
  readonly kind = "websocket";
  readonly session: string;
  readonly endpoint: string;
  readonly authentication: StreamFacts["authentication"];
  readonly podUid?: string;
  readonly #options: WebSocketCallOptions;
  readonly #abandoned = new AbortController();
  #tunnel: Tunnel | undefined;
  #cut = false;

  constructor(options: WebSocketCallOptions) {
    this.#options = options;
    this.session = options.facts.session;
    this.endpoint = options.facts.endpoint;
    this.authentication = options.facts.authentication;
    if (options.facts.podUid !== undefined) this.podUid = options.facts.podUid;
  }

  start(): void {
    const { client, pod, target, headers, websocketKey, limits, clock } = this.#options;
    client.once("close", () => this.#abandon());
    podHandshake({
      ...pod,
      target,
      headers,
      websocketKey,
      connectTimeoutMs: limits.connectTimeoutMs,
      firstByteTimeoutMs: limits.firstByteTimeoutMs,
      maxHeaderBytes: limits.headerBytes,
      clock,
      signal: this.#abandoned.signal,
    }).then(
      (result) => this.#answered(result),
      (error: unknown) => this.#failed(error),
    );
  }

  cut(cut: Cut): void {
    if (this.#tunnel !== undefined) return this.#tunnel.cut(cut);
    this.#cut = true;
    this.#options.client.destroy();
    this.#abandon();
  }

  #answered(result: HandshakeResult): void {
    const { client } = this.#options;
    const over = this.#cut || client.destroyed;
    if (over) {
      if (result.kind === "websocket") result.socket.destroy();
      else result.answer.destroy();
      return this.#options.onClosed();
    }
    if (result.kind === "websocket") this.#open(result);
    else this.#passOn(result.answer);
  }

  #open({ answer, socket, head }: Extract<HandshakeResult, { kind: "websocket" }>): void {
    const { client, facts, clock, host, answerHeaders, behind, onAnswer, onClosed } = this.#options;
    keepAlive(client);
    keepAlive(socket);
    const headers = [
      "Upgrade",
      "websocket",
      "Connection",
      "Upgrade",
      ...clientHeaders(answer.rawHeaders, host),
      ...answerHeaders,
    ];
    this.#tunnel = new Tunnel({ facts, client, pod: socket, clock, onClosed });
    onAnswer(101);
    client.write(responseHead({ status: 101, headers }));
    this.#tunnel.start(behind, head);
  }

  /** The pod does not want a WebSocket: its plain answer is passed on, and both connections are closed after it. */
  #passOn(answer: Extract<HandshakeResult, { kind: "answer" }>["answer"]): void {
    const { client, host, onAnswer, onClosed } = this.#options;
    const status = answer.statusCode ?? 502;
    const headers = clientHeaders(answer.rawHeaders, host);
    onAnswer(status);
    // Its end is the end of the connection; a declared length stays true.
    client.write(responseHead({ status, headers: [...headers, "Connection", "close"] }));
    answer.on("error", () => client.destroy());
    answer.once("close", () => onClosed());
    client.once("close", () => answer.destroy());
    answer.pipe(client);
  }

  #failed(error: unknown): void {
    const { client, refuse, pod, onClosed } = this.#options;
    if (!this.#cut && !client.destroyed) refuse(podFailure(error, pod.port));
    onClosed();
  }

  #abandon(): void {
    this.#abandoned.abort(new CarrelError("CLIENT_GONE", "the client has gone"));
  }
}

function keepAlive(socket: Duplex): void {
  if (!("setKeepAlive" in socket)) return;
  const tcp = socket as Socket;
  tcp.setKeepAlive(true, KEEP_ALIVE_MS);
  tcp.setNoDelay(true);
  tcp.setTimeout(0);
}
