import { hasCode } from "@carrel/std";
import { ClusterError } from "../cluster-error.ts";
import { isProcessAlive, type ProcessIdentity } from "./process-identity.ts";
import { waitUntil } from "./wait-until.ts";

/** Sends a signal to exactly this process; nothing happens when it has ended. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isProcessAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * Ends a process: SIGTERM, then SIGKILL after `graceMs` (0 = SIGKILL at once), and waits until it is gone.
 * @throws ClusterError `LEFTOVERS` when it still runs 10 s after SIGKILL.
 */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  const gone = (): true | undefined => (isProcessAlive(identity) ? undefined : true);
  const what = `process ${identity.pid} has ended`;
  if (graceMs > 0) {
    signalProcess(identity, "SIGTERM");
    const ended = await waitUntil(gone, { what, timeoutMs: graceMs, everyMs: 20 }).catch(() => false);
    if (ended) return;
  }
  signalProcess(identity, "SIGKILL");
  try {
    await waitUntil(gone, { what, timeoutMs: 10_000, everyMs: 10 });
  } catch (error) {
    if (!hasCode(error, "DEADLINE")) throw error;
    throw new ClusterError("LEFTOVERS", `process ${identity.pid} survived SIGKILL`, { cause: error });
  }
}
