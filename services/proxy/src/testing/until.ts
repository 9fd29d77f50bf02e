import { systemClock } from "@carrel/std";

/** Resolves once the condition holds. @throws Error when it does not within `ms` */
export async function until(condition: () => boolean, ms = 3000): Promise<void> {
  for (const endMs = performance.now() + ms; !condition(); await systemClock.sleep(10)) {
    if (performance.now() > endMs) throw new Error(`not within ${ms} ms: ${condition.toString()}`);
  }
}
