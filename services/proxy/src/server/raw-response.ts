import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** An answer on a socket that node:http has handed over. */
export interface RawResponse {
  readonly status: number;
  readonly message?: string;
  /** Names and values in turn; values are free of line breaks, as node:http has parsed or we have made them. */
  readonly headers: readonly string[];
  readonly body?: Buffer;
}

/** The head of an answer, ready to be written. */
export function responseHead({ status, message, headers }: RawResponse): Buffer {
  let text = `HTTP/1.1 ${status} ${message ?? STATUS_CODES[status] ?? ""}\r\n`;
  for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}

/** Answers and closes: bytes that follow the request are never looked at. */
export function endWithResponse(socket: Duplex, response: RawResponse): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { body = Buffer.alloc(0) } = response;
  const headers = [...response.headers, "Content-Length", String(body.length), "Connection", "close"];
  socket.on("error", () => undefined);
  socket.end(Buffer.concat([responseHead({ ...response, headers }), body]), () => socket.destroy());
}
