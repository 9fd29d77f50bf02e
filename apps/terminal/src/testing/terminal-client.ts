import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { type ClientOptions, WebSocket } from "ws";
import { ACKNOWLEDGEMENT } from "../protocol/acknowledgement.ts";
import type { ClientMessage } from "../protocol/client-message.ts";
import { ACK_UNIT_BYTES } from "../protocol/limits.ts";
import { parseServerMessage, type ServerMessage } from "../protocol/server-message.ts";

/** A viewer without a screen: speaks the protocol, keeps what it was sent. */
export class TerminalClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  /** Whether output is acknowledged as it comes. */
  acknowledging = true;
  #output: Buffer[] = [];
  #unacknowledgedBytes = 0;
  receivedBytes = 0;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary) => (isBinary ? this.#onOutput(data) : this.#onText(String(data))));
    const { promise, resolve } = Promise.withResolvers<{ readonly code: number; readonly reason: string }>();
    this.closed = promise;
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    socket.on("error", () => undefined);
  }

  /** Connects and waits until it is attached. Rejects when the upgrade is refused; see `refusedStatus` for that. */
  static async connect(port: number, query = "", options: ClientOptions = {}): Promise<TerminalClient> {
    const client = new TerminalClient(new WebSocket(`ws://127.0.0.1:${port}/ws${query}`, options));
    await once(client.#socket, "open");
    return client;
  }

  /** Types text. */
  type(text: string): void {
    this.#socket.send(Buffer.from(text));
  }

  send(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** All output since the start or the last `clear`. */
  get output(): string {
    return Buffer.concat(this.#output).toString();
  }

  clear(): void {
    this.#output = [];
  }

  /** Acknowledges everything received so far, and from now on. */
  acknowledgeAll(): void {
    this.acknowledging = true;
    this.#acknowledge();
  }

  /** Waits until the output matches, ten seconds at most. */
  async waitFor(pattern: RegExp): Promise<RegExpMatchArray> {
    for (const end = performance.now() + 10_000; performance.now() < end; await setTimeout(10)) {
      const found = this.output.match(pattern);
      if (found !== null) return found;
    }
    throw new Error(`no ${pattern} in ${JSON.stringify(this.output.slice(-500))}`);
  }

  /** Vanishes without a closing handshake, as a lost network does. */
  vanish(): void {
    this.#socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }

  #onOutput(data: Buffer): void {
    this.#output.push(data);
    this.receivedBytes += data.byteLength;
    this.#unacknowledgedBytes += data.byteLength;
    if (this.acknowledging) this.#acknowledge();
  }

  #acknowledge(): void {
    for (; this.#unacknowledgedBytes >= ACK_UNIT_BYTES; this.#unacknowledgedBytes -= ACK_UNIT_BYTES) {
      this.#socket.send(ACKNOWLEDGEMENT);
    }
  }

  #onText(text: string): void {
    const message = parseServerMessage(text);
    if (message === undefined) throw new Error(`unknown message ${text}`);
    this.messages.push(message);
  }
}

/** The HTTP status that a WebSocket request is refused with. */
export async function refusedStatus(port: number, path: string, options: ClientOptions = {}): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  socket.on("unexpected-response", (_request, response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
    socket.terminate();
  });
  socket.on("open", () => reject(new Error("the upgrade was accepted")));
  socket.on("error", () => undefined);
  return promise.finally(() => socket.terminate());
}
