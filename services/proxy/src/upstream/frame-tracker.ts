const OPCODE_CLOSE = 8;
/** A frame head is 2 bytes, up to 8 of length and 4 of mask. */
const MAX_HEAD_BYTES = 14;

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 §5.2) without touching the payload, so that a Close of
 * our own can be put between two frames: inside of one it would be taken for its payload.
 *
 * What cannot be followed (a length beyond 2^53) makes it opaque: the bytes still pass, nothing can be put in between.
 */
export class FrameTracker {
  readonly #head = new Uint8Array(MAX_HEAD_BYTES);
  #headBytes = 0;
  /** Payload bytes of the current frame that are still to come. */
  #payloadLeft = 0;
  #dataFrames = 0;
  #closeSeen = false;
  #opaque = false;

  /** True between two frames, and before the first one. */
  get atBoundary(): boolean {
    return !this.#opaque && this.#headBytes === 0 && this.#payloadLeft === 0;
  }

  /** True once a Close frame has begun: a second one must not follow. */
  get closeSeen(): boolean {
    return this.#closeSeen;
  }

  /** True when frames cannot be told apart any more. */
  get opaque(): boolean {
    return this.#opaque;
  }

  /** Data frames that have begun (text, binary, continuation); control frames do not count. */
  get dataFrames(): number {
    return this.#dataFrames;
  }

  /** Follows bytes that are passed on. */
  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#opaque;) at = this.#step(chunk, at);
  }

  /**
   * Follows bytes up to the end of the current frame, at most, and returns how many that were. At a boundary it follows
   * none.
   */
  feedToBoundary(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && !this.#opaque && !this.atBoundary) at = this.#step(chunk, at);
    return at;
  }

  /** One head byte, or as much payload as there is; returns the new position. */
  #step(chunk: Uint8Array, at: number): number {
    if (this.#payloadLeft > 0) {
      const taken = Math.min(this.#payloadLeft, chunk.length - at);
      this.#payloadLeft -= taken;
      return at + taken;
    }
    this.#head[this.#headBytes] = chunk[at] ?? 0;
    this.#headBytes += 1;
    if (this.#headBytes >= 2 && this.#headBytes === this.#headLength()) this.#begin();
    return at + 1;
  }

  #headLength(): number {
    const second = this.#head[1] ?? 0;
    const short = second & 0x7f;
    return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4);
  }

  #begin(): void {
    const view = new DataView(this.#head.buffer);
    const opcode = view.getUint8(0) & 0x0f;
    const short = view.getUint8(1) & 0x7f;
    const length = short === 126 ? view.getUint16(2) : short === 127 ? Number(view.getBigUint64(2)) : short;
    this.#headBytes = 0;
    if (!Number.isSafeInteger(length)) {
      this.#opaque = true;
      return;
    }
    this.#payloadLeft = length;
    if (opcode === OPCODE_CLOSE) this.#closeSeen = true;
    if (opcode < OPCODE_CLOSE) this.#dataFrames += 1;
  }
}
