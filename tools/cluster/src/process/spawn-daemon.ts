import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { ClusterError } from "../cluster-error.ts";
import { inheritedEnvironment } from "./environment.ts";
import { identifyProcess, type ProcessIdentity } from "./process-identity.ts";

/** Options of {@link spawnDaemon}. */
export interface SpawnDaemonOptions {
  /** Both output streams are appended to this file. */
  readonly logPath: string;
  /** `with-parent`: killed by the kernel when the caller's process ends, however it ends. `detached`: outlives it. */
  readonly lifetime: "with-parent" | "detached";
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/**
 * Starts a long-running program in the background, in its own session, without waiting for it to be ready.
 *
 * `with-parent` uses PR_SET_PDEATHSIG (prctl(2)) through setpriv, which follows the *thread* that started the
 * program: call it from the main thread.
 * @throws ClusterError `PROGRAM_MISSING` when the program cannot be run.
 */
export async function spawnDaemon(
  file: string,
  args: readonly string[],
  options: SpawnDaemonOptions,
): Promise<ProcessIdentity> {
  const log = openSync(options.logPath, "a");
  try {
    const command = options.lifetime === "with-parent" ? ["setpriv", "--pdeathsig", "KILL", "--", file] : [file];
    const [program = file, ...first] = command;
    const child = spawn(program, [...first, ...args], {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: options.cwd,
      env: { ...inheritedEnvironment(), ...options.env },
    });
    await once(child, "spawn");
    child.unref();
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    // Gone already: an identity that never matches makes the caller's liveness check fail with the log.
    return identity ?? { pid: child.pid ?? 0, startTicks: -1 };
  } catch (error) {
    throw new ClusterError("PROGRAM_MISSING", `cannot run ${file}`, { cause: error });
  } finally {
    closeSync(log);
  }
}
