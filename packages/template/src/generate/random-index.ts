import { randomBytes } from "node:crypto";

/** A source of random bytes; `node:crypto`'s by default, scripted in tests. */
export type RandomSource = (bytes: number) => Uint8Array;

export const systemRandom: RandomSource = (bytes) => randomBytes(bytes);

/**
 * A number from 0 to `below` - 1, each as likely as any other: a draw past the last whole multiple of `below` is thrown
 * away (a remainder alone would favour the small ones).
 *
 * @param below at most 65536.
 */
export function randomIndex(below: number, random: RandomSource): number {
  const limit = 65536 - (65536 % below);
  for (;;) {
    const [high = 0, low = 0] = random(2);
    const drawn = high * 256 + low;
    if (drawn < limit) return drawn % below;
  }
}
