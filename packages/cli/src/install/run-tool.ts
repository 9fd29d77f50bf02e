import { spawn } from "node:child_process";
import { CarrelError } from "@carrel/std";
import { environment } from "../environment.ts";

export interface RunToolOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Lines of a failed tool's output that go into the error. */
const TAIL_LINES = 15;

/**
 * Runs a program to its end and returns its standard output.
 *
 * @throws CarrelError `TOOL_FAILED` with the last lines that it wrote.
 */
export function runTool(program: string, args: readonly string[], options: RunToolOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: environment.forChild(options.env),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(out);
      const tail = (err || out).trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
      reject(
        new CarrelError(
          "TOOL_FAILED",
          `${program
            .split("/")
            .at(-1)
            ?.replace(/-[0-9a-f]{8,}$/, "")} ${args.slice(0, 3).join(" ")} ended with ${code ?? signal}:\n${tail}`,
        ),
      );
    });
    child.stdin.on("error", () => undefined).end(options.input ?? "");
  });
}
