import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CLOSE_CODES } from "@carrel/api";
import { CarrelError, type Clock } from "@carrel/std";
import type { Cut } from "../streams/cut.ts";
import type { Stream, StreamFacts } from "../streams/stream.ts";
import { closeFrame, maskedCloseFrame } from "./close-frame.ts";
import { FrameTracker } from "./frame-tracker.ts";

/** How long a cut waits for the end of the frame that the pod is in the middle of. */
const BOUNDARY_WAIT_MS = 250;
/** How long the client has to answer our Close before its connection is half closed, and then destroyed. */
const CLOSE_ECHO_MS = 1000;
const DESTROY_MS = 2000;
/** What a pod is told when its client is cut: "going away" (RFC 6455 §7.4.1). */
const GOING_AWAY = 1001;

export interface TunnelOptions {
  readonly facts: StreamFacts;
  readonly client: Duplex;
  readonly pod: Socket;
  readonly clock: Clock;
  /** Both sides are closed. `code` is the close code that we sent, if we did. */
  readonly onClosed: (outcome: TunnelOutcome) => void;
}

/** How a tunnel ended. */
export interface TunnelOutcome {
  readonly by: "client" | "pod" | "proxy";
  readonly code?: number;
  readonly bytesToPod: number;
  readonly bytesToClient: number;
}

/**
 * A WebSocket after its handshake: bytes pass unchanged in both directions, with back pressure, and either end's end
 * becomes the other's. Frames are followed so that {@link cut} reaches the client as a Close frame with our code.
 */
export class Tunnel implements Stream {
  readonly kind = "websocket";
  readonly session: string;
  readonly endpoint: string;
  readonly authentication: StreamFacts["authentication"];
  readonly podUid?: string;
  readonly #options: TunnelOptions;
  readonly #fromPod = new FrameTracker();
  readonly #fromClient = new FrameTracker();
  readonly #closed = new AbortController();
  #state: "open" | "reachingBoundary" | "closing" | "closed" = "open";
  #endedBy: TunnelOutcome["by"] | undefined;
  #sentCode: number | undefined;
  #bytesToPod = 0;
  #bytesToClient = 0;
  #pendingCut: Cut | undefined;

  constructor(options: TunnelOptions) {
    this.#options = options;
    this.session = options.facts.session;
    this.endpoint = options.facts.endpoint;
    this.authentication = options.facts.authentication;
    if (options.facts.podUid !== undefined) this.podUid = options.facts.podUid;
  }

  /** Starts to pass bytes on; the heads are what each side has sent behind its handshake. */
  start(clientHead: Buffer, podHead: Buffer): void {
    const { client, pod } = this.#options;
    client.on("data", (chunk: Buffer) => this.#clientData(chunk));
    pod.on("data", (chunk: Buffer) => this.#podData(chunk));
    client.on("drain", () => pod.resume());
    pod.on("drain", () => client.resume());
    client.on("end", () => this.#clientEnded());
    pod.on("end", () => this.#podEnded());
    // What follows an error is always "close": nothing more to learn from it.
    client.on("error", () => undefined);
    pod.on("error", () => undefined);
    client.on("close", () => this.#clientClosed());
    pod.on("close", () => this.#podClosed());
    if (podHead.length > 0) this.#podData(podHead);
    if (clientHead.length > 0) this.#clientData(clientHead);
    if (client.destroyed) this.#clientClosed();
    if (pod.destroyed) this.#podClosed();
    client.resume();
    pod.resume();
  }

  cut(cut: Cut): void {
    if (this.#state !== "open") return;
    this.#endedBy ??= "proxy";
    this.#pendingCut = cut;
    this.#options.client.resume();
    if (this.#fromPod.closeSeen || this.#fromPod.atBoundary) return this.#close();
    if (this.#fromPod.opaque) return this.#destroy();
    // The pod is in the middle of a frame: a Close in there would be taken for its payload.
    this.#state = "reachingBoundary";
    this.#options.pod.resume();
    this.#after(BOUNDARY_WAIT_MS, () => {
      if (this.#state === "reachingBoundary") this.#destroy();
    });
  }

  #clientData(chunk: Buffer): void {
    this.#fromClient.feed(chunk);
    if (this.#fromClient.closeSeen) this.#endedBy ??= "client";
    if (this.#state !== "open") {
      if (this.#state === "closing" && this.#fromClient.closeSeen) this.#options.client.end();
      return;
    }
    this.#bytesToPod += chunk.length;
    const { pod, client } = this.#options;
    if (pod.writable && !pod.write(chunk)) client.pause();
  }

  #podData(chunk: Buffer): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    let passed = chunk;
    if (this.#state === "open") this.#fromPod.feed(chunk);
    else passed = chunk.subarray(0, this.#fromPod.feedToBoundary(chunk));
    if (this.#fromPod.closeSeen) this.#endedBy ??= "pod";
    this.#bytesToClient += passed.length;
    const { pod, client } = this.#options;
    if (client.writable && !client.write(passed)) pod.pause();
    if (this.#state === "reachingBoundary") {
      if (this.#fromPod.atBoundary) this.#close();
      else if (this.#fromPod.opaque) this.#destroy();
    }
  }

  /** Between two frames: our Close goes out, and nothing after it. */
  #close(): void {
    this.#state = "closing";
    const { client, pod } = this.#options;
    const cut = this.#pendingCut;
    if (cut !== undefined && !this.#fromPod.closeSeen && client.writable) {
      const { code } = CLOSE_CODES[cut.cause];
      this.#sentCode = code;
      client.write(closeFrame(code, cut.reason));
    }
    if (pod.writable) {
      if (this.#fromClient.atBoundary && !this.#fromClient.closeSeen) pod.end(maskedCloseFrame(GOING_AWAY, ""));
      else pod.end();
    }
    // Whatever it still sends is read and dropped, so that its end is seen.
    pod.resume();
    client.resume();
    if (this.#fromClient.closeSeen || client.readableEnded) client.end();
    this.#after(CLOSE_ECHO_MS, () => client.end());
    this.#after(DESTROY_MS, () => this.#destroy());
  }

  #clientEnded(): void {
    this.#endedBy ??= "client";
    if (this.#state === "open") this.#options.pod.end();
    else this.#options.client.end();
    this.#after(DESTROY_MS, () => this.#destroy());
  }

  #podEnded(): void {
    this.#endedBy ??= "pod";
    if (this.#state === "closing" || this.#state === "closed") return;
    if (this.#fromPod.closeSeen || this.#options.client.readableEnded) {
      // Goodbye has been said: the pod's Close has been passed on, or the client has gone first.
      this.#options.client.end();
      this.#after(DESTROY_MS, () => this.#destroy());
      return;
    }
    this.#pendingCut ??= { cause: "podGone", reason: "" };
    if (this.#fromPod.atBoundary) this.#close();
    else this.#destroy();
  }

  #clientClosed(): void {
    this.#endedBy ??= "client";
    this.#destroy();
  }

  #podClosed(): void {
    if (this.#options.pod.readableEnded) {
      // An orderly end: what has been passed on may still be on its way to the client.
      this.#after(DESTROY_MS, () => this.#destroy());
      return;
    }
    this.#podEnded();
  }

  #destroy(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#closed.abort(new CarrelError("CLOSED", "the tunnel is closed"));
    this.#options.client.destroy();
    this.#options.pod.destroy();
    this.#options.onClosed({
      by: this.#endedBy ?? "proxy",
      ...(this.#sentCode === undefined ? {} : { code: this.#sentCode }),
      bytesToPod: this.#bytesToPod,
      bytesToClient: this.#bytesToClient,
    });
  }

  #after(ms: number, action: () => void): void {
    this.#options.clock.sleep(ms, this.#closed.signal).then(action, () => undefined);
  }
}
