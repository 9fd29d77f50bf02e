import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";

export interface RunProcessOptions {
  /** File that Node.js runs and watches, with everything that it imports. */
  readonly main: string;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Network namespace to run in; absent: this machine's. */
  readonly networkNamespacePath?: string | undefined;
  readonly onLine: (line: string) => void;
}

/** A program under `node --watch`. Disposing ends it in good order. */
export interface WatchedProcess extends AsyncDisposable {
  /** Resolves with a description when the watcher itself has ended; a program that fails is only awaiting a change. */
  readonly ended: Promise<string>;
}

/** Time for the watched program to end by itself; longer than its own limit for that. */
const END_TIMEOUT_MS = 10_000;

/** Starts a TypeScript program from source, restarted whenever one of its files changes. */
export function runWatched(options: RunProcessOptions): WatchedProcess {
  const { main, directory, environment, networkNamespacePath, onLine } = options;
  const leash = path.join(import.meta.dirname, "leash.ts");
  const node = [process.execPath, "--watch", "--watch-preserve-output", "--import", leash, main];
  // When this process is killed the kernel ends the watcher, and the leash its program: nothing holds leases and ports.
  const bound = ["--pdeathsig", "TERM", "--", ...node];
  const [program, args] =
    networkNamespacePath === undefined
      ? ["setpriv", bound]
      : ["nsenter", [`--net=${networkNamespacePath}`, "--", "setpriv", ...bound]];
  const child = spawn(program, args, {
    cwd: directory,
    stdio: ["pipe", "pipe", "pipe"],
    // Nothing of this shell: a service sees what it would see in a pod.
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...environment },
    // Ctrl-C is for us; we end it.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(`cannot start ${program}: ${error.message}`));
    child.on("close", (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  return { ended, [Symbol.asyncDispose]: () => end(child, ended) };
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill("SIGTERM");
  const late = setTimeout(() => {
    // The whole group, which is only the watcher and its program.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
  }, END_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
}
