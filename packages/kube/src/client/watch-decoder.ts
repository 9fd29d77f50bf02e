import { TransportError } from "../transport/transport-error.ts";

/** A line of a watch, as the API server wrote it. */
export interface WatchLine {
  readonly type: string;
  readonly object: unknown;
}

/** Twice what etcd can hold of one object (1.5 MiB), with managed fields and as JSON. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Puts the lines of a watch together again from pieces cut anywhere, also inside a character. One decoder per watch.
 *
 * @throws TransportError `KUBE_BAD_ANSWER`, from every method: a line too long, not JSON, or cut off at the end. Nothing
 * is skipped: a watcher that misses an event is wrong until the next list.
 */
export class WatchDecoder {
  readonly #longestLineBytes: number;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(longestLineBytes: number = LONGEST_LINE_BYTES) {
    this.#longestLineBytes = longestLineBytes;
  }

  /** The lines that are complete now. */
  push(chunk: Buffer): WatchLine[] {
    const lines: WatchLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const line = this.#take();
      if (line.length > 0) lines.push(parseLine(line));
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  /** The server has ended the answer properly: nothing may be left over. */
  end(): void {
    if (this.#bytes > 0) throw badAnswer(`a watch ended inside a line, after ${this.#bytes} bytes of it`);
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#bytes += piece.length;
    if (this.#bytes > this.#longestLineBytes) {
      throw badAnswer(`a line of a watch is longer than ${this.#longestLineBytes} bytes`);
    }
    this.#pieces.push(piece);
  }

  #take(): string {
    const [only] = this.#pieces;
    const line = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    return line.toString("utf8").trim();
  }
}

function parseLine(line: string): WatchLine {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw badAnswer("a line of a watch is not JSON");
  }
  if (typeof parsed === "object" && parsed !== null && "type" in parsed && "object" in parsed) {
    if (typeof parsed.type === "string") return { type: parsed.type, object: parsed.object };
  }
  throw badAnswer("a line of a watch has no type and object");
}

function badAnswer(message: string): TransportError {
  return new TransportError("KUBE_BAD_ANSWER", message, { sent: true });
}
