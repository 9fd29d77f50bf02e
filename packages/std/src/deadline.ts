/** A signal that aborts after `ms`, or as soon as one of `signals` does. The timer never keeps the process alive. */
export function deadlineSignal(ms: number, ...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const given = signals.filter((signal) => signal !== undefined);
  return AbortSignal.any([AbortSignal.timeout(Math.round(Math.max(0, Math.min(ms, 2 ** 31 - 1)))), ...given]);
}
