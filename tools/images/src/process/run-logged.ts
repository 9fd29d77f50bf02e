import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { setTimeout as after } from "node:timers";
import { deadlineSignal } from "@carrel/std";
import { environment } from "../environment.ts";
import { ImageError } from "../image-error.ts";

/** Options of {@link runLogged}. */
export interface RunLoggedOptions {
  /** Everything that the command writes is appended here. */
  readonly logPath: string;
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Set in addition to the caller's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

const SHOWN_LINES = 15;
const KILL_AFTER_MS = 10_000;

/**
 * Runs a command to its end with its output in a log file. When the signal aborts or the time is up, the command and
 * what it started are ended: SIGTERM, which lets it unmount what it has mounted, then SIGKILL after ten seconds.
 * @throws ImageError `BUILD_FAILED` with the last lines and the log's path; the signal's reason when it aborts.
 */
export async function runLogged(file: string, args: readonly string[], options: RunLoggedOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const log = await open(options.logPath, "a");
  await log.write(`$ ${[file, ...args].join(" ")}\n`);
  // Its own process group, so that it can be ended together with its children.
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: environment.forChild(options.env),
    stdio: ["ignore", log.fd, log.fd],
    detached: true,
  });
  const stop = deadlineSignal(options.timeoutMs, options.signal);
  const onStop = (): void => endGroup(child);
  stop.addEventListener("abort", onStop, { once: true });
  try {
    const [status, killedBy] = (await once(child, "close")) as [number | null, string | null];
    options.signal?.throwIfAborted();
    if (stop.aborted) throw await failure(file, `took more than ${options.timeoutMs / 1000} s`, options.logPath);
    if (status !== 0) throw await failure(file, `ended with ${killedBy ?? `status ${status}`}`, options.logPath);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ImageError("PROGRAM_MISSING", `this machine has no ${file}`, { cause: error });
  } finally {
    stop.removeEventListener("abort", onStop);
    await log.close();
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const { pid } = child;
  const signalGroup = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch {
      // All of the group have gone.
    }
  };
  signalGroup("SIGTERM");
  const kill = after(() => signalGroup("SIGKILL"), KILL_AFTER_MS);
  child.once("close", () => clearTimeout(kill));
}

async function failure(file: string, how: string, logPath: string): Promise<ImageError> {
  const lines = (await readFile(logPath, "utf8")).split("\n").filter((line) => line.trim() !== "");
  return new ImageError(
    "BUILD_FAILED",
    `${file} ${how}; its log ${logPath} ends with:\n${lines.slice(-SHOWN_LINES).join("\n")}`,
  );
}
