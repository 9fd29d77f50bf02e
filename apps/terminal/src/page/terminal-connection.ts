import { ACKNOWLEDGEMENT } from "../protocol/acknowledgement.ts";
import { ACK_UNIT_BYTES, MAX_CLIENT_MESSAGE_BYTES } from "../protocol/limits.ts";
import type { ClientMessage } from "../protocol/client-message.ts";
import { parseServerMessage, type ServerMessage } from "../protocol/server-message.ts";
import type { TerminalSize } from "../protocol/terminal-size.ts";
import { type ClosePlan, planAfterClose } from "./close-plan.ts";

/** What a connection tells its terminal. */
export interface ConnectionListener {
  /** A message of the server. Output that belongs to it follows. */
  onMessage(message: ServerMessage): void;
  /** Output; call `shown` when it is on the screen. */
  onOutput(bytes: Uint8Array, shown: () => void): void;
  /** The socket has closed, or could not be opened; nothing is tried again before `connect` is called. */
  onClosed(plan: ClosePlan): void;
}

/** The WebSocket of one terminal, made anew by each `connect`. It counts failures but never reconnects by itself. */
export class TerminalConnection {
  readonly #id: string;
  readonly #listener: ConnectionListener;
  #socket: WebSocket | undefined;
  #attempt = 0;

  constructor(id: string, listener: ConnectionListener) {
    this.#id = id;
    this.#listener = listener;
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Opens a socket for a terminal of this size. Does nothing while there is one. */
  connect(size: TerminalSize): void {
    if (this.#socket !== undefined) return;
    const url = new URL(`ws?id=${this.#id}&cols=${size.cols}&rows=${size.rows}`, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const shown = acknowledger(socket);
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") return this.#onText(data);
      return this.#listener.onOutput(new Uint8Array(data), () => shown(data.byteLength));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#listener.onClosed(planAfterClose(code, reason, this.#attempt++, Math.random));
    });
    this.#socket = socket;
  }

  /** Closes without a word to the listener; the shell lives on. */
  disconnect(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  /** Sends what was typed or pasted. Dropped while there is no connection, as the page says so then. */
  sendInput(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.open) return;
    for (let at = 0; at < bytes.byteLength; at += MAX_CLIENT_MESSAGE_BYTES) {
      this.#socket?.send(bytes.subarray(at, at + MAX_CLIENT_MESSAGE_BYTES));
    }
  }

  send(message: ClientMessage): void {
    if (this.open) this.#socket?.send(JSON.stringify(message));
  }

  #onText(text: string): void {
    const message = parseServerMessage(text);
    if (message === undefined) return;
    if (message.type === "attached") this.#attempt = 0;
    this.#listener.onMessage(message);
  }
}

/** Counts shown bytes and acknowledges each full unit of them. */
function acknowledger(socket: WebSocket): (bytes: number) => void {
  let shownBytes = 0;
  return (bytes) => {
    shownBytes += bytes;
    for (; shownBytes >= ACK_UNIT_BYTES; shownBytes -= ACK_UNIT_BYTES) {
      if (socket.readyState === WebSocket.OPEN) socket.send(ACKNOWLEDGEMENT);
    }
  };
}
