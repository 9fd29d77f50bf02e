import { readFile } from "node:fs/promises";
import { ClusterError } from "../cluster-error.ts";
import { lastLines } from "./last-lines.ts";
import { isProcessAlive, type ProcessIdentity } from "./process-identity.ts";
import { waitUntil } from "./wait-until.ts";

/** A background process of the cluster, by the name that people know. */
export interface Component {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly logPath: string;
}

/**
 * Waits until `isReady` holds and every component still runs.
 * @throws ClusterError `COMPONENT_FAILED` with the last log lines, as soon as one has ended or when the time is over.
 */
export async function waitForComponents(
  components: readonly Component[],
  isReady: (signal: AbortSignal) => Promise<boolean>,
  options: { readonly what: string; readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const [main] = components;
  try {
    await waitUntil(async (signal) => {
      const dead = components.find((component) => !isProcessAlive(component.identity));
      if (dead !== undefined) throw await componentFailed(dead, "ended");
      return (await isReady(signal)) ? true : undefined;
    }, options);
  } catch (error) {
    if (!(error instanceof ClusterError) || error.code !== "DEADLINE" || main === undefined) throw error;
    throw await componentFailed(main, `is not ready after ${options.timeoutMs / 1000} s (${options.what})`);
  }
}

/** The error that says why a component failed: its last log lines and where the log is. */
export async function componentFailed(component: Component, how: string): Promise<ClusterError> {
  const log = await readFile(component.logPath, "utf8").catch(() => "");
  const said = lastLines(log, 12) || "(it wrote nothing)";
  return new ClusterError("COMPONENT_FAILED", `${component.name} ${how}; log ${component.logPath} ends with:\n${said}`);
}
