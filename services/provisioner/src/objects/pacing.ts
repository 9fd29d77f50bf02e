import { backoffMs } from "@carrel/std";

/** When to look again at an object that is not ready: often at first, then ever less, whoever looks. Pure. */
export function lookDelayMs(waitedMs: number, leftMs: number): number {
  const delay = Math.min(5_000, Math.max(200, waitedMs / 4));
  // Not past its deadline, but always a moment: what is said then must be the state at the deadline.
  return Math.max(50, Math.min(delay, leftMs));
}

/** When to try a call again that may succeed later, `tries` failures after the first. */
export function retryDelayMs(tries: number, random: () => number = Math.random): number {
  return Math.max(50, backoffMs(tries, { baseMs: 250, maxMs: 10_000, jitter: 0.5, random }));
}
