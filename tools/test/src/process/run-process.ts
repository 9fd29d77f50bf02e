import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { OutputTail } from "./output-tail.ts";

/** How a process is run. */
export interface RunProcessOptions {
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Killed after this time. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Receives the lines of the file descriptor 3; `kill` ends the process for a reason. */
  readonly onLine?: (line: string, kill: (reason: string) => void) => void;
  /** Receives what it writes to standard output and error. */
  readonly onOutput?: (text: string) => void;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** Why we killed it; undefined when it ended by itself. */
  readonly reason: string | undefined;
  /** The last 64 KiB that it wrote to standard output and error. */
  readonly output: string;
}

/** From the request to end to the order: what a test started may need it. */
const GRACE_MS = 5000;

/**
 * Runs a program in a process group of its own and waits until it has ended, with everything of its group that holds
 * its output open. It is killed when it takes too long or the signal aborts: SIGTERM, 5 s later SIGKILL.
 * @throws the error of spawn when there is no such program.
 */
export async function runProcess(
  file: string,
  args: readonly string[],
  options: RunProcessOptions,
): Promise<ProcessEnd> {
  const { signal, onLine } = options;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.environment,
    // A group of its own is what can be killed as a whole.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  await once(child, "spawn");

  const killGroup = (how: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid ?? 0), how);
    } catch {
      // Nothing of it runs any more.
    }
  };
  let reason: string | undefined;
  let force: NodeJS.Timeout | undefined;
  const kill = (why: string): void => {
    if (reason !== undefined) return;
    reason = why;
    killGroup("SIGTERM");
    force = setTimeout(() => killGroup("SIGKILL"), GRACE_MS);
  };
  const late = setTimeout(() => kill(`took more than ${options.timeoutMs / 1000} s`), options.timeoutMs);
  const onAbort = (): void => kill(String(signal?.reason instanceof Error ? signal.reason.message : signal?.reason));
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });

  const tail = new OutputTail(64 * 1024);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      tail.add(text);
      options.onOutput?.(text);
    });
  }
  const lines = createInterface(child.stdio[3] as Readable);
  lines.on("line", (line) => onLine?.(line, kill));
  try {
    const [status, killedBy] = await closed;
    return { status, killedBy, reason, output: tail.text() };
  } finally {
    clearTimeout(late);
    clearTimeout(force);
    signal?.removeEventListener("abort", onAbort);
    // Whatever it left in its group.
    killGroup("SIGKILL");
  }
}
