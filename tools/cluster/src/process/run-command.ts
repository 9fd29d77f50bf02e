import { spawn } from "node:child_process";
import { deadlineSignal } from "@carrel/std";
import { ClusterError } from "../cluster-error.ts";
import { inheritedEnvironment } from "./environment.ts";
import { lastLines } from "./last-lines.ts";

/** Options of {@link runCommand}. */
export interface RunCommandOptions {
  /** What the command reads on standard input; nothing by default. */
  readonly input?: string;
  readonly cwd?: string;
  /** Environment variables set in addition to the caller's. */
  readonly env?: Readonly<Record<string, string>>;
  /** The command is killed after this time; default 60 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The most of each output stream that is kept, in bytes. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Runs a command of the machine to its end and gives what it wrote to standard output.
 * @throws ClusterError `COMMAND_FAILED` with its last lines for an exit status other than 0 or a timeout,
 * `PROGRAM_MISSING` when there is no such command; the signal's reason when it aborts.
 */
export function runCommand(file: string, args: readonly string[], options: RunCommandOptions = {}): Promise<string> {
  const { timeoutMs = 60_000, signal } = options;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...inheritedEnvironment(), ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      signal: deadlineSignal(timeoutMs, signal),
      killSignal: "SIGKILL",
    });
    const output = [collect(child.stdout), collect(child.stderr)] as const;
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") {
        reject(new ClusterError("PROGRAM_MISSING", `there is no ${file} on this machine`, { cause: error }));
      } else if (error.name === "AbortError") {
        const late = new ClusterError("COMMAND_FAILED", `${file} ${args.join(" ")} took more than ${timeoutMs} ms`);
        reject(signal?.aborted === true ? (signal.reason as Error) : late);
      } else reject(error);
    });
    child.on("close", (status, killedBy) => {
      if (status === 0) return resolve(output[0]());
      const said = lastLines(`${output[0]()}\n${output[1]()}`, 12);
      const message = `${file} ${args.join(" ")} ended with ${killedBy ?? `status ${status}`}:\n${said}`;
      reject(new ClusterError("COMMAND_FAILED", message));
    });
    // A command that ends without reading its input is judged by its exit status alone.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
