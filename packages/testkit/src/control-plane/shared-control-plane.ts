import { rmSync } from "node:fs";
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "@carrel/cluster";

/** A control plane that belongs to the whole test process: there is nothing to dispose. */
export type SharedControlPlane = Omit<ControlPlane, typeof Symbol.asyncDispose>;

/** What makes two requests ask for the same control plane. */
export type SharedControlPlaneOptions = Pick<
  ControlPlaneOptions,
  "controllerManager" | "auditLog" | "extraApiServerArgs"
>;

// Mutable on purpose: one per process is the point of it.
const started = new Map<string, Promise<ControlPlane>>();

/**
 * The control plane of this test process: started by the first call (3 s), the same for every further call with the
 * same options, gone with the process. Give each test its own namespace and names ({@link uniqueName}).
 */
export function sharedControlPlane(options: SharedControlPlaneOptions = {}): Promise<SharedControlPlane> {
  const { controllerManager = false, auditLog = false, extraApiServerArgs = [] } = options;
  const key = JSON.stringify([controllerManager, auditLog, extraApiServerArgs]);
  let found = started.get(key);
  if (found === undefined) {
    found = startControlPlane({ controllerManager, auditLog, extraApiServerArgs }).then(endWithProcess);
    started.set(key, found);
  }
  return found;
}

function endWithProcess(controlPlane: ControlPlane): ControlPlane {
  // The kernel ends the processes with ours, but nobody would remove the directory before the next start.
  process.once("exit", () => {
    for (const pid of Object.values(controlPlane.pids)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    rmSync(controlPlane.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  });
  return controlPlane;
}
