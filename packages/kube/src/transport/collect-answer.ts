import type { Dispatcher } from "undici";
import { type AnswerHead, Exchange, type HttpRequest, nameRequest } from "./exchange.ts";
import { TransportError } from "./transport-error.ts";

/** A complete answer, whatever its status. */
export interface Answer extends AnswerHead {
  readonly body: Buffer;
}

/**
 * Sends a request and collects the answer.
 * @throws TransportError; `KUBE_BAD_ANSWER` as soon as the body is longer than `maxBytes`.
 */
export function collectAnswer(
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal: AbortSignal,
  maxBytes: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let head: AnswerHead | undefined;
    Exchange.start(dispatcher, request, signal, {
      onHead: (received) => (head = received),
      onChunk(chunk) {
        bytes += chunk.length;
        if (bytes > maxBytes) {
          const message = `${nameRequest(request)}: the answer is longer than ${maxBytes} bytes; ask for smaller pages`;
          throw new TransportError("KUBE_BAD_ANSWER", message, { sent: true });
        }
        chunks.push(chunk);
      },
      onEnd() {
        const [first] = chunks;
        const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes);
        resolve({ status: head?.status ?? 0, headers: head?.headers ?? {}, body });
      },
      onError: reject,
    });
  });
}
