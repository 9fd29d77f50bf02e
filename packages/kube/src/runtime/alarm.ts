import type { Clock } from "@carrel/std";

/** Calls `ring` once after `ms`, unless disposed before. */
export function alarm(clock: Clock, ms: number, ring: () => void): Disposable {
  const cancel = new AbortController();
  const wake = (): void => {
    // Disposed between the end of the sleep and this turn.
    if (!cancel.signal.aborted) ring();
  };
  clock.sleep(ms, cancel.signal).then(wake, () => undefined);
  return { [Symbol.dispose]: () => cancel.abort() };
}
