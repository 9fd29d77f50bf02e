/** Spares that stand ready and nobody has been promised, by lane, longest ready first. O(1). Pure. */
export class SpareShelf {
  readonly #lanes = new Map<string, Set<string>>();
  readonly #laneOf = new Map<string, string>();

  get size(): number {
    return this.#laneOf.size;
  }

  has(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  /** Puts a spare behind the others of its lane; one that is there stays in its place. */
  put(name: string, lane: string): void {
    if (this.#laneOf.has(name)) return;
    this.#laneOf.set(name, lane);
    const spares = this.#lanes.get(lane);
    if (spares === undefined) this.#lanes.set(lane, new Set([name]));
    else spares.add(name);
  }

  /** Takes a spare away, if it is there. */
  drop(name: string): void {
    const lane = this.#laneOf.get(name);
    if (lane === undefined) return;
    this.#laneOf.delete(name);
    const spares = this.#lanes.get(lane);
    spares?.delete(name);
    if (spares?.size === 0) this.#lanes.delete(lane);
  }

  /** Takes the longest ready spare of a lane. */
  take(lane: string): string | undefined {
    const [first] = this.#lanes.get(lane) ?? [];
    if (first !== undefined) this.drop(first);
    return first;
  }

  /** The longest ready spare of the lane that has most of them, which feels the loss least; never of `lane`. */
  mostDispensable(lane: string): string | undefined {
    let most: Set<string> | undefined;
    for (const [other, spares] of this.#lanes) if (other !== lane && spares.size > (most?.size ?? 0)) most = spares;
    const [first] = most ?? [];
    return first;
  }
}
