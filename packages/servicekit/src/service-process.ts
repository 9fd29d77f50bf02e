import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { systemClock } from "@carrel/std";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** Where a service says the port of its probes, each time it starts. */
const PROBES_PORT = /"probesPort":([1-9]\d*)/g;

/** A service of Carrel as a child process. */
export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number;
  /** kill -9, then the same again. */
  crash(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again after {@link kill}. */
  start(): Promise<void>;
  /** One of its metrics now (`/metrics`); with several time series their sum. */
  metric(name: string): Promise<number>;
  /** Everything it has written. */
  log(): string;
}

/** Starts `services/NAME` and waits until it is ready. Ends with the test, also after a failure. */
export async function startService(name: string, env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  let log = "";
  const launch = async (): Promise<ChildProcess> => {
    // The kernel kills it when this process ends, however that happens.
    const bound = ["--pdeathsig", "KILL", "--", process.execPath, `services/${name}/src/main.ts`];
    const child = spawn("setpriv", bound, {
      cwd: ROOT,
      env: { CARREL_LOG_LEVEL: "debug", CARREL_PROBES_PORT: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (log += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (log += text));
    await waitUntilReady(child, name, () => log);
    return child;
  };
  let child = await launch();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  const start = async (): Promise<void> => {
    log += "\n--- killed and started again\n";
    child = await launch();
  };
  return {
    get pid() {
      return child.pid ?? 0;
    },
    log: () => log,
    metric: async (metric) => {
      const port = log.matchAll(PROBES_PORT).toArray().at(-1)?.[1];
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const lines = text.split("\n").filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    },
    kill,
    start,
    async crash() {
      await kill();
      await start();
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function waitUntilReady(child: ChildProcess, name: string, log: () => string): Promise<void> {
  const startedAt = log().length;
  const deadline = systemClock.monotonic() + 30_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${log().slice(startedAt)}`);
    if (systemClock.monotonic() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`${name} is not ready after 30 s:\n${log().slice(startedAt)}`);
    }
    const port = log().slice(startedAt).matchAll(PROBES_PORT).next().value?.[1];
    if (port !== undefined) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
    }
    await systemClock.sleep(50);
  }
}
