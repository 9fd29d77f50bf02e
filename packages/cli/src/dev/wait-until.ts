import { CarrelError, systemClock } from "@carrel/std";

const LOOK_MS = 250;

/**
 * Looks again and again until `look` says true. An error of `look` ends the wait.
 *
 * @throws CarrelError `DEADLINE` after `timeoutMs`; the signal's reason when it aborts.
 */
export async function waitUntil(
  what: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  look: () => Promise<boolean>,
): Promise<void> {
  const late = systemClock.monotonic() + timeoutMs;
  while (!(await look())) {
    if (systemClock.monotonic() > late)
      throw new CarrelError("DEADLINE", `waited ${timeoutMs / 1000} s, but not so: ${what}`);
    await systemClock.sleep(LOOK_MS, signal);
  }
}
