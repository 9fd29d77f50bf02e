import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { eventually } from "../eventually.ts";
import { TestkitError } from "../testkit-error.ts";

/** A program that runs beside the test and ends with it. */
export interface ChildProgram {
  readonly pid: number;
  /** False as soon as it has ended, however it did. */
  readonly running: boolean;
  /** Sends a signal; nothing happens when it has ended. */
  signal(name: NodeJS.Signals): void;
  /** Stops it where it is (SIGSTOP) and waits until none of its threads runs any more. */
  freeze(): Promise<void>;
  /** Sends a signal, default SIGKILL, and waits until it has ended. */
  end(name?: NodeJS.Signals): Promise<void>;
  /** What it wrote so far, both streams. */
  log(): Promise<string>;
  /** The error that says that it failed, with its last log lines. */
  failure(how: string): Promise<TestkitError>;
}

/**
 * Starts a program in the background without keeping this process alive for it.
 *
 * The kernel kills it when this process ends, however it ends: PR_SET_PDEATHSIG (prctl(2)) through setpriv. That
 * follows the thread that started it, so call this from the main thread.
 * @throws TestkitError `PROGRAM_FAILED` when it cannot be run.
 */
export async function startChildProgram(
  file: string,
  args: readonly string[],
  options: { readonly logPath: string; readonly cwd: string },
): Promise<ChildProgram> {
  const log = openSync(options.logPath, "a");
  let child: ChildProcess;
  try {
    child = spawn("setpriv", ["--pdeathsig", "KILL", "--", file, ...args], {
      cwd: options.cwd,
      stdio: ["ignore", log, log],
    });
    await once(child, "spawn");
  } catch (error) {
    throw new TestkitError("PROGRAM_FAILED", `cannot run ${file}`, { cause: error });
  } finally {
    closeSync(log);
  }
  child.unref();
  const ended = Promise.withResolvers<void>();
  child.once("exit", () => ended.resolve());
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const readLog = (): Promise<string> => readFile(options.logPath, "utf8").catch(() => "");

  return {
    pid: child.pid ?? 0,
    get running() {
      return isRunning();
    },
    signal(name) {
      if (isRunning()) child.kill(name);
    },
    async freeze() {
      if (!isRunning()) return;
      child.kill("SIGSTOP");
      await eventually(() => assertStopped(child.pid ?? 0), { timeoutMs: 5000, everyMs: 1 });
    },
    async end(name = "SIGKILL") {
      if (!isRunning()) return;
      // Waiting for the end is a reason to stay alive.
      child.ref();
      child.kill(name);
      await ended.promise;
    },
    log: readLog,
    async failure(how) {
      const said = (await readLog()).trimEnd().split("\n").slice(-12).join("\n") || "(it wrote nothing)";
      return new TestkitError("PROGRAM_FAILED", `${file} ${how}; its log ends with:\n${said}`);
    },
  };
}

/** The kernel stops thread by thread: for a moment after SIGSTOP some still run. */
async function assertStopped(pid: number): Promise<void> {
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8");
    const state = stat.charAt(stat.lastIndexOf(")") + 2);
    if (state !== "T") throw new TestkitError("PROGRAM_FAILED", `thread ${thread} of ${pid} is in state ${state}`);
  }
}
