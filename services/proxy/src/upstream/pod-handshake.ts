import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { CarrelError, type Clock } from "@carrel/std";
import type { PodAddress } from "./pod-pools.ts";

export interface HandshakeOptions extends PodAddress {
  readonly target: string;
  /** What the pod gets, see `podHeaders`; Connection and Upgrade are added. */
  readonly headers: readonly string[];
  readonly websocketKey: string;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly clock: Clock;
  /** Gives up: the client has gone, or its right. */
  readonly signal: AbortSignal;
}

/** The pod's answer to a handshake: a WebSocket, or a plain HTTP answer that is passed on. */
export type HandshakeResult =
  | { readonly kind: "websocket"; readonly answer: IncomingMessage; readonly socket: Socket; readonly head: Buffer }
  | { readonly kind: "answer"; readonly answer: IncomingMessage };

/** RFC 6455 §1.3. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Dials a pod and asks for a WebSocket. Nothing but the handshake is sent: what the client has sent behind its own goes
 * out only after a 101 that proves, by Sec-WebSocket-Accept, that the pod has understood it as one. Otherwise those
 * bytes could be read as a second request.
 *
 * @throws the error of the connection, or CarrelError `BAD_HANDSHAKE`
 */
export function podHandshake(options: HandshakeOptions): Promise<HandshakeResult> {
  const { address, port, target, headers, signal, clock } = options;
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const outgoing = httpRequest({
      host: address,
      port,
      path: target,
      method: "GET",
      headers: [...headers, "Connection", "Upgrade", "Upgrade", "websocket"],
      setHost: false,
      agent: false,
      maxHeaderSize: options.maxHeaderBytes,
    });
    const fail = (error: unknown): void => {
      done.abort();
      outgoing.destroy();
      reject(error as Error);
    };
    const limit = (ms: number, code: string, still: () => boolean): void => {
      clock.sleep(ms, done.signal).then(
        () => {
          if (still()) fail(new CarrelError(code, "the pod did not answer in time"));
        },
        () => undefined,
      );
    };
    signal.addEventListener("abort", () => fail(signal.reason), { once: true, signal: done.signal });
    outgoing.on("socket", (socket) => {
      socket.setNoDelay(true);
      limit(options.connectTimeoutMs, "UND_ERR_CONNECT_TIMEOUT", () => socket.connecting);
    });
    limit(options.firstByteTimeoutMs, "UND_ERR_HEADERS_TIMEOUT", () => true);
    outgoing.on("error", fail);
    outgoing.once("response", (answer) => {
      done.abort();
      resolve({ kind: "answer", answer });
    });
    outgoing.once("upgrade", (answer, socket, head) => {
      if (!isAccepted(answer, options.websocketKey)) {
        socket.destroy();
        return fail(new CarrelError("BAD_HANDSHAKE", "the pod's 101 does not belong to the handshake"));
      }
      done.abort();
      resolve({ kind: "websocket", answer, socket: socket as Socket, head });
    });
    if (signal.aborted) fail(signal.reason);
    else outgoing.end();
  });
}

function isAccepted(answer: IncomingMessage, key: string): boolean {
  return (
    answer.statusCode === 101 &&
    answer.headers.upgrade?.toLowerCase() === "websocket" &&
    answer.headers["sec-websocket-accept"] === acceptFor(key)
  );
}

/** The Sec-WebSocket-Accept that answers a key. */
export function acceptFor(key: string): string {
  return createHash("sha1").update(key).update(ACCEPT_GUID).digest("base64");
}
