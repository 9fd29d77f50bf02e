/**
 * The last output of a terminal, bounded in bytes: what a viewer sees again after it has reconnected.
 *
 * The oldest chunks go first. What is left then starts after a line break where there is one, so that a replay does not
 * begin inside a character or an escape sequence.
 */
export class Scrollback {
  readonly #limitBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  append(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    // A quarter more is let in between two cuts, so that a flood does not copy the whole of it for each chunk.
    if (this.#bytes > this.#limitBytes * 1.25) this.#chunks = [this.#compact()];
  }

  /** Everything kept, at most the limit, as one array that the caller must not change. */
  read(): Uint8Array {
    const kept = this.#compact();
    this.#chunks = kept.byteLength === 0 ? [] : [kept];
    return kept;
  }

  #compact(): Uint8Array {
    const [only] = this.#chunks;
    let all = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#bytes);
    if (all.byteLength > this.#limitBytes) {
      all = all.subarray(all.byteLength - this.#limitBytes);
      const lineBreak = all.indexOf(0x0a);
      // A copy, so that the cut part does not stay in memory.
      all = Uint8Array.prototype.slice.call(all, lineBreak + 1);
    }
    this.#bytes = all.byteLength;
    return all;
  }
}
