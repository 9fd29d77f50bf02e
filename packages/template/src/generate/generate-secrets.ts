import type { Generate } from "@carrel/api";
import { parsePattern } from "./pattern.ts";
import { randomIndex, systemRandom, type RandomSource } from "./random-index.ts";
import { generateSshKey } from "./ssh-key.ts";

/** Letters and digits that do not look alike. */
export const DEFAULT_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/**
 * Makes the values of `spec.generate`, by the keys of the Secret that keeps them: `NAME`, or `NAME.private` and
 * `NAME.public` of an `sshKey`. Each call makes other ones.
 *
 * @param random a cryptographic source; other than the system's in tests only.
 * @throws ApiError `INVALID` for a pattern that `lintTemplate` refuses.
 */
export function generateSecrets(
  specs: readonly Generate[],
  random: RandomSource = systemRandom,
): Record<string, string> {
  return Object.fromEntries(specs.flatMap((spec) => entriesOf(spec, random)));
}

function entriesOf(spec: Generate, random: RandomSource): [string, string][] {
  const { name, type, length } = spec;
  if (type === "sshKey") {
    const key = generateSshKey(name, random);
    return [
      [`${name}.private`, key.private],
      [`${name}.public`, key.public],
    ];
  }
  if (type === "pattern") {
    const parts = parsePattern(spec.pattern ?? "");
    return [[name, parts.map(({ choice, times }) => draw(choice, times, random)).join("")]];
  }
  // A set: a character that an alphabet names twice is not drawn more often.
  const alphabet = [...new Set(type === "hex" ? "0123456789abcdef" : (spec.alphabet ?? DEFAULT_ALPHABET))];
  return [[name, draw(alphabet, length, random)]];
}

function draw(choice: readonly string[], times: number, random: RandomSource): string {
  return Array.from({ length: times }, () => choice[randomIndex(choice.length, random)]).join("");
}
