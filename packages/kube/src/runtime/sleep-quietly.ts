import type { Clock } from "@carrel/std";

/** Sleeps; an abort ends the sleep early instead of rejecting. Look at the signal afterwards. */
export async function sleepQuietly(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
