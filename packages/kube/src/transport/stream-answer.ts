import type { Dispatcher } from "undici";
import { type AnswerHead, Exchange, type HttpRequest, nameRequest } from "./exchange.ts";
import { TransportError } from "./transport-error.ts";

/** An answer whose body comes in pieces. Cancel it when you are done with it, whatever happened. */
export interface StreamedAnswer extends AnswerHead, Disposable {
  /** The next piece; undefined at the end. Rejects at once when the call is aborted, even if pieces are waiting. */
  read(): Promise<Buffer | undefined>;
}

/** Above this many unread bytes the server is made to wait. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** Sends a request; resolves with the head of the answer. @throws TransportError when there is none. */
export function streamAnswer(
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<StreamedAnswer> {
  return new Promise((resolve, reject) => {
    const body = new StreamBody();
    const exchange = Exchange.start(dispatcher, request, signal, {
      onHead(head) {
        resolve({
          ...head,
          read: () => body.read(() => exchange.resume()),
          [Symbol.dispose]() {
            const message = `${nameRequest(request)}: cancelled`;
            exchange.cancel(new TransportError("KUBE_ABORTED", message, { sent: true }));
          },
        });
      },
      onChunk(chunk) {
        if (body.push(chunk) > HIGH_WATER_BYTES) exchange.pause();
      },
      onEnd: () => body.end(undefined),
      onError(error) {
        body.end(error);
        reject(error);
      },
    });
  });
}

/** The unread pieces, and the one reader that may be waiting for the next. */
class StreamBody {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #error: TransportError | undefined;
  #wake: (() => void) | undefined;

  push(chunk: Buffer): number {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#wake?.();
    return this.#bytes;
  }

  end(error: TransportError | undefined): void {
    this.#ended = true;
    this.#error = error;
    // What arrived before a lost connection is still good; after an abort nobody wants it.
    if (error?.code === "KUBE_ABORTED" || error?.code === "KUBE_DEADLINE") this.#chunks = [];
    this.#wake?.();
  }

  async read(onDrained: () => void): Promise<Buffer | undefined> {
    while (this.#chunks.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    const chunks = this.#chunks;
    const wasFull = this.#bytes > HIGH_WATER_BYTES;
    this.#chunks = [];
    this.#bytes = 0;
    if (wasFull && !this.#ended) onDrained();
    const [only] = chunks;
    return chunks.length === 1 ? only : Buffer.concat(chunks);
  }
}
