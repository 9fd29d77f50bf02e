import { randomBytes } from "node:crypto";

/** Longest reason: a control frame carries 125 bytes, two of them are the code. */
const MAX_REASON_BYTES = 123;

/** A Close frame as a server sends it (RFC 6455 §5.5.1); the reason is cut at a whole character when it is too long. */
export function closeFrame(code: number, reason: string): Buffer {
  const body = closeBody(code, reason);
  return Buffer.concat([Buffer.from([0x88, body.length]), body]);
}

/** A Close frame as a client sends it: masked (RFC 6455 §5.3). */
export function maskedCloseFrame(code: number, reason: string): Buffer {
  const body = closeBody(code, reason);
  const mask = randomBytes(4);
  for (let index = 0; index < body.length; index++) body[index] = (body[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return Buffer.concat([Buffer.from([0x88, 0x80 | body.length]), mask, body]);
}

function closeBody(code: number, reason: string): Buffer {
  let text = Buffer.from(reason, "utf8");
  if (text.length > MAX_REASON_BYTES) {
    let end = MAX_REASON_BYTES;
    // Continuation bytes of UTF-8 are 10xxxxxx: step back to the start of the character that does not fit.
    while (((text[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    text = text.subarray(0, end);
  }
  const body = Buffer.alloc(2 + text.length);
  body.writeUInt16BE(code, 0);
  text.copy(body, 2);
  return body;
}
