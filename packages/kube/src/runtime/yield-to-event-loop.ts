/** Lets timers and I/O run before going on. Long loops call it every few milliseconds of work. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
