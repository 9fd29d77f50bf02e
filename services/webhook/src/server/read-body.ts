import type { IncomingMessage } from "node:http";
import { ReviewFailure } from "./review-failure.ts";

/** What was read of a body, and whether that is all of it. */
export interface ReadBody {
  readonly body: Buffer;
  readonly complete: boolean;
}

/**
 * Reads a request's body up to a limit; stops at the first chunk that passes it. Enough is read of every body to find
 * its uid.
 *
 * @throws ReviewFailure `ADMISSION_UNDECODABLE` when the connection ends before the body does.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Destroying the stream would close the connection before the answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) return { body: Buffer.concat(chunks), complete: false };
    }
  } catch (cause) {
    throw new ReviewFailure("ADMISSION_UNDECODABLE", "the body ended early", { cause });
  }
  return { body: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks), complete: true };
}
