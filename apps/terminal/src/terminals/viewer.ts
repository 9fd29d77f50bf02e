import type { WebSocket } from "ws";
import { ACK_UNIT_BYTES, OUTPUT_WINDOW_BYTES } from "../protocol/limits.ts";
import type { ServerMessage } from "../protocol/server-message.ts";

/** One socket that shows a terminal, with the account of what it has been sent and has shown. */
export class Viewer {
  readonly #socket: WebSocket;
  #unacknowledgedBytes = 0;
  #lastProgressAt: number;

  constructor(socket: WebSocket, now: number) {
    this.#socket = socket;
    this.#lastProgressAt = now;
  }

  send(message: ServerMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendOutput(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#unacknowledgedBytes += bytes.byteLength;
    this.#socket.send(bytes, { binary: true });
  }

  /** Notes that another `ACK_UNIT_BYTES` have been shown. More acknowledgements than output are ignored. */
  acknowledge(now: number): void {
    this.#unacknowledgedBytes = Math.max(0, this.#unacknowledgedBytes - ACK_UNIT_BYTES);
    this.#lastProgressAt = now;
  }

  /** True while no more output may be sent. */
  get full(): boolean {
    return this.#unacknowledgedBytes >= OUTPUT_WINDOW_BYTES;
  }

  /** True when enough has been shown for a paused shell to go on (half of the window: fewer stops and starts). */
  get ready(): boolean {
    return this.#unacknowledgedBytes <= OUTPUT_WINDOW_BYTES / 2;
  }

  /** Milliseconds since the last acknowledgement, or since it came. */
  stalledMs(now: number): number {
    return now - this.#lastProgressAt;
  }

  /** Stops reading input from this viewer. */
  pauseInput(): void {
    this.#socket.pause();
  }

  resumeInput(): void {
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
