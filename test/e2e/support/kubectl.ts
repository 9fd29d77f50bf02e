import { execFile } from "node:child_process";
import { ensureProgram } from "@carrel/cluster";

/** What a command wrote, and how it ended. */
export interface CommandResult {
  /** Its exit code; -1 when it was ended by a signal. */
  readonly code: number;
  /** Standard output, then standard error. */
  readonly output: string;
}

/** Longer than any `--timeout` that a test gives to kubectl itself. */
const LIMIT_MS = 90_000;

/** Runs kubectl as the cluster's administrator; `input` goes to its standard input. A failure is a result, not an error. */
export async function kubectl(kubeconfig: string, args: readonly string[], input = ""): Promise<CommandResult> {
  const program = await ensureProgram("kubectl");
  return new Promise((resolve) => {
    const command = ["--kubeconfig", kubeconfig, ...args];
    const child = execFile(program, command, { timeout: LIMIT_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
    // kubectl may end without reading.
    child.stdin?.on("error", () => undefined).end(input);
  });
}
