import type { Informer, KubeObject } from "@carrel/kube";
import { CarrelError } from "@carrel/std";

export interface UntilSeenOptions {
  /** What is waited for, for the error. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves in the turn in which the watch shows the object at `key` (`namespace/name`) as `accept` wants it; `undefined`
 * is an object that does not exist.
 *
 * @throws CarrelError `BENCH_FAILED` after `timeoutMs`; the signal's reason when it aborts.
 */
export async function untilSeen<T extends KubeObject>(
  informer: Informer<T>,
  key: string,
  accept: (object: T | undefined) => boolean,
  { what, timeoutMs, signal }: UntilSeenOptions,
): Promise<void> {
  const found = Promise.withResolvers<void>();
  const look = (): void => void (accept(informer.store.getByKey(key)) && found.resolve());
  using _handler = informer.addHandler({ onAdd: look, onUpdate: look, onDelete: look });
  look();
  const onAbort = (): void => found.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const late = setTimeout(
    () => found.reject(new CarrelError("BENCH_FAILED", `waited ${timeoutMs / 1000} s, but not so: ${what}`)),
    timeoutMs,
  );
  try {
    await found.promise;
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", onAbort);
  }
}
