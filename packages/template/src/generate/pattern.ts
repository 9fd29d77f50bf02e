import { ApiError } from "@carrel/api";

/** What a pattern may bring out at most, in characters. */
export const MAX_PATTERN_LENGTH = 256;

/** Classes are bounded, so that a pattern is checked in no time. */
const MAX_RANGE = 1024;

/** The characters that may stand at one place. */
export type CharacterChoice = readonly string[];

/** A repetition of one choice. */
export interface PatternPart {
  readonly choice: CharacterChoice;
  readonly times: number;
}

const DIGITS = range("0", "9");
const CLASSES: Readonly<Record<string, CharacterChoice>> = {
  d: DIGITS,
  w: [...range("A", "Z"), ...range("a", "z"), ...DIGITS, "_"],
};
const CONTROLS: Readonly<Record<string, string>> = { n: "\n", t: "\t" };
/** They mean something in regular expressions that a pattern does not have. */
const REFUSED = new Set(["*", "+", "?", "(", ")", "|", "^", "$", ".", "]", "}"]);

/**
 * Reads a pattern of `spec.generate`: literal characters, `\` escapes (`\d`, `\w`, `\n`, `\t`, or the character
 * itself), classes with ranges (`[A-Za-z0-9_-]`, no negation), each followed by `{n}` or not. What else means something
 * in a regular expression must be escaped.
 *
 * @throws ApiError `INVALID` that says what is wrong and where.
 */
export function parsePattern(pattern: string): readonly PatternPart[] {
  const reader = new PatternReader(pattern);
  const parts: PatternPart[] = [];
  while (!reader.done) parts.push({ choice: reader.choice(), times: reader.times() });
  const length = parts.reduce((sum, { times }) => sum + times, 0);
  if (length === 0) throw new ApiError("INVALID", "the pattern brings out nothing");
  if (length > MAX_PATTERN_LENGTH) {
    throw new ApiError(
      "INVALID",
      `the pattern brings out ${length} characters; at most ${MAX_PATTERN_LENGTH} are allowed`,
    );
  }
  return parts;
}

class PatternReader {
  /** By code point: a class may hold any character. */
  readonly #characters: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
  }

  get done(): boolean {
    return this.#at >= this.#characters.length;
  }

  choice(): CharacterChoice {
    const character = this.#next();
    if (character === "[") return this.#class();
    if (character === "\\") return this.#escape();
    if (character === "{" || REFUSED.has(character)) this.#fail(`${character} must be written \\${character}`);
    return [character];
  }

  /** `{n}`; once when there is none. */
  times(): number {
    if (this.#characters[this.#at] !== "{") return 1;
    const end = this.#characters.indexOf("}", this.#at);
    const digits = end === -1 ? "" : this.#characters.slice(this.#at + 1, end).join("");
    if (!/^[0-9]{1,3}$/.test(digits)) this.#fail("expected {n} with a number of at most three digits");
    this.#at = end + 1;
    return Number(digits);
  }

  #class(): CharacterChoice {
    const members = new Set<string>();
    if (this.#characters[this.#at] === "^") this.#fail("a class cannot be negated");
    for (;;) {
      const first = this.#next();
      if (first === "]") break;
      const from = first === "\\" ? this.#escape() : [first];
      const isRange = this.#characters[this.#at] === "-" && this.#characters[this.#at + 1] !== "]";
      if (!isRange) {
        for (const member of from) members.add(member);
        continue;
      }
      this.#at += 1;
      const last = this.#next();
      const to = last === "\\" ? this.#escape() : [last];
      const [low = "", high = ""] = [from[0], to[0]];
      if (from.length > 1 || to.length > 1 || low > high) this.#fail("a range goes from one character to a later one");
      for (const member of range(low, high)) members.add(member);
    }
    if (members.size === 0) this.#fail("a class needs a character");
    return [...members];
  }

  #escape(): CharacterChoice {
    const character = this.#next();
    const known = CLASSES[character];
    if (known !== undefined) return known;
    if (/^[A-Za-z0-9]$/.test(character) && CONTROLS[character] === undefined) this.#fail(`there is no \\${character}`);
    return [CONTROLS[character] ?? character];
  }

  #next(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) return this.#fail("it ends in the middle of a class or an escape");
    this.#at += 1;
    return character;
  }

  #fail(what: string): never {
    throw new ApiError("INVALID", `not a pattern that values can be made from, at character ${this.#at}: ${what}`);
  }
}

function range(from: string, to: string): readonly string[] {
  const [low, high] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
  if (high - low >= MAX_RANGE)
    throw new ApiError("INVALID", `the range ${from}-${to} has more than ${MAX_RANGE} characters`);
  return Array.from({ length: high - low + 1 }, (_, index) => String.fromCodePoint(low + index));
}
