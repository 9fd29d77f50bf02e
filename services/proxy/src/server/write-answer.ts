import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "./answer.ts";

/** A body that is not worth closing the connection for: it is read to its end and dropped. */
const SMALL_BODY_BYTES = 64 * 1024;

/**
 * Answers a request that goes no further. When its body is large or of unknown length the connection is closed after
 * the answer instead of reading the body to its end.
 */
export function writeAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer, close = false): void {
  if (response.headersSent || response.destroyed) return;
  if (close || hasLongBody(request)) response.shouldKeepAlive = false;
  const headers = [...answer.headers];
  if (answer.status !== 204) headers.push("Content-Length", String(answer.body.length));
  response.writeHead(answer.status, headers);
  response.end(answer.body);
}

function hasLongBody(request: IncomingMessage): boolean {
  if (request.complete) return false;
  return (
    request.headers["transfer-encoding"] !== undefined ||
    Number(request.headers["content-length"] ?? 0) > SMALL_BODY_BYTES
  );
}
