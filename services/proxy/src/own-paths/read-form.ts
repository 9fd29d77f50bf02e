import type { IncomingMessage } from "node:http";
import { CarrelError } from "@carrel/std";

const MAX_BYTES = 8 * 1024;

/** Reads a small form. @throws CarrelError `INVALID` when it is none or too long; the request's error when it broke off */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) throw new CarrelError("INVALID", "not a form");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new CarrelError("INVALID", `longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}
