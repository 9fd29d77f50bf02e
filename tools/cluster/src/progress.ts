import { systemClock } from "@carrel/std";

/** Receives one line of text per step of something long. */
export type OnProgress = (line: string) => void;

/** How often a step that goes on is reported again, in milliseconds. */
const REPEAT_MS = 30_000;

/**
 * Runs `step` and reports it: a line when it starts, one every 30 s while it goes on, one when it is done.
 * A step shorter than `quietMs` gets no line at all.
 */
export async function withProgress<T>(
  title: string,
  onProgress: OnProgress | undefined,
  step: () => Promise<T>,
  quietMs = 0,
): Promise<T> {
  if (onProgress === undefined) return step();
  const start = systemClock.monotonic();
  const elapsed = (): string => `${((systemClock.monotonic() - start) / 1000).toFixed(1)} s`;
  let announced = false;
  const announce = (): void => {
    onProgress(announced ? `${title}: ${elapsed()} so far` : `${title} …`);
    announced = true;
  };
  const first = quietMs > 0 ? setTimeout(announce, quietMs) : undefined;
  if (first === undefined) announce();
  const repeat = setInterval(announce, REPEAT_MS);
  try {
    const result = await step();
    if (announced) onProgress(`${title}: done in ${elapsed()}`);
    return result;
  } finally {
    clearTimeout(first);
    clearInterval(repeat);
  }
}
