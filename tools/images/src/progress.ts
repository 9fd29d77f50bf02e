import { systemClock } from "@carrel/std";

/** Receives a line of text for each step that takes a while. */
export type OnProgress = (line: string) => void;

const REPEAT_MS = 20_000;

/** Runs a step and tells when it starts, every 20 s while it goes on, and how long it took. */
export async function timed<T>(title: string, onProgress: OnProgress | undefined, step: () => Promise<T>): Promise<T> {
  const start = systemClock.monotonic();
  const elapsed = (): string => `${((systemClock.monotonic() - start) / 1000).toFixed(1)} s`;
  onProgress?.(`${title} …`);
  const repeat = setInterval(() => onProgress?.(`${title}: ${elapsed()} so far`), REPEAT_MS);
  try {
    const result = await step();
    onProgress?.(`${title}: done in ${elapsed()}`);
    return result;
  } finally {
    clearInterval(repeat);
  }
}
