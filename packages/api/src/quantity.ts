const NANO = 1_000_000_000n;
const MEBI = 1_048_576n;
const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;

/** Nano-units of each suffix. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["n", 1n],
  ["u", 1_000n],
  ["m", 1_000_000n],
  ["", NANO],
  ...["k", "M", "G", "T", "P", "E"].map((suffix, index) => [suffix, NANO * 1000n ** BigInt(index + 1)] as const),
  ...BINARY.map((suffix, index) => [suffix, NANO * 1024n ** BigInt(index + 1)] as const),
]);
const TEXT = /^(\d{1,30})(?:\.(\d{1,30}))?(n|u|m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$/;

/**
 * An amount of a resource as Kubernetes writes it (`250m`, `1.5Gi`), never negative. Exact to a nano-unit, like
 * `resource.Quantity`; what is finer is rounded up, as there.
 */
export class Quantity {
  static readonly zero = new Quantity(0n);
  readonly #nano: bigint;

  private constructor(nano: bigint) {
    this.#nano = nano;
  }

  /** @throws RangeError for a text that is no quantity without sign or exponent. */
  static parse(text: string): Quantity {
    const match = TEXT.exec(text);
    if (match === null) throw new RangeError(`${JSON.stringify(text)} is not a quantity`);
    const [, whole = "", fraction = "", suffix = ""] = match;
    const scale = 10n ** BigInt(fraction.length);
    const scaled = BigInt(whole + fraction) * (UNITS.get(suffix) ?? NANO);
    return new Quantity((scaled + scale - 1n) / scale);
  }

  plus(other: Quantity): Quantity {
    return new Quantity(this.#nano + other.#nano);
  }

  /** Never below zero. */
  minus(other: Quantity): Quantity {
    return new Quantity(this.#nano > other.#nano ? this.#nano - other.#nano : 0n);
  }

  times(factor: number): Quantity {
    return new Quantity(this.#nano * BigInt(factor));
  }

  /** `numerator / denominator` of it, rounded down to whole multiples of `unit`. */
  part(numerator: number, denominator: number, unit: Quantity): Quantity {
    const part = (this.#nano * BigInt(numerator)) / BigInt(denominator);
    return new Quantity(part - (part % unit.#nano));
  }

  /** Negative, zero or positive, as `Array.sort` wants it. */
  compare(other: Quantity): number {
    return this.#nano === other.#nano ? 0 : this.#nano < other.#nano ? -1 : 1;
  }

  least(other: Quantity): Quantity {
    return this.compare(other) <= 0 ? this : other;
  }

  greatest(other: Quantity): Quantity {
    return this.compare(other) >= 0 ? this : other;
  }

  /** Exact: whole numbers, from 1Mi on in binary units where they divide it, else thousandths or finer. */
  toString(): string {
    if (this.#nano % NANO !== 0n) {
      const suffix = ["m", "u", "n"].find((candidate) => this.#nano % (UNITS.get(candidate) ?? 1n) === 0n) ?? "n";
      return `${this.#nano / (UNITS.get(suffix) ?? 1n)}${suffix}`;
    }
    const large = this.#nano >= NANO * MEBI;
    const suffix = large ? BINARY.findLast((unit) => this.#nano % (UNITS.get(unit) ?? 1n) === 0n) : undefined;
    return suffix === undefined ? String(this.#nano / NANO) : `${this.#nano / (UNITS.get(suffix) ?? NANO)}${suffix}`;
  }
}
