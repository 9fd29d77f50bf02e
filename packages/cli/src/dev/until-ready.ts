import { systemClock } from "@carrel/std";

const LOOK_MS = 200;
const ANSWER_TIMEOUT_MS = 2000;

/** Resolves when the probe at `url` says ready; rejects with the signal's reason. Never gives up by itself. */
export async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  while (!(await isReady(url, signal))) await systemClock.sleep(LOOK_MS, signal);
}

async function isReady(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]) });
    return ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
