import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SERVICE = fileURLToPath(new URL("testing/example-service.ts", import.meta.url));

interface Line {
  readonly msg: string;
  readonly port?: number;
  readonly level: string;
  readonly err?: { readonly message: string; readonly code?: string };
}

/** A child process whose log lines can be awaited; killed when the test ends. */
class Child implements AsyncDisposable {
  readonly lines: Line[] = [];
  stderr = "";
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(env: Record<string, string>) {
    const child = spawn(process.execPath, [SERVICE], {
      env: {
        PATH: process.env["PATH"] ?? "",
        CARREL_PROBES_PORT: "0",
        CARREL_PROBES_HOST: "127.0.0.1",
        CARREL_WORKERS: "1",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts.map((part) => JSON.parse(part) as Line));
      child.emit("lines");
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (this.stderr += chunk));
    this.exited = once(child, "close").then(([code]) => code as number | null);
  }

  async line(message: string): Promise<Line> {
    const signal = AbortSignal.timeout(20_000);
    for (;;) {
      const found = this.lines.find(({ msg }) => msg === message);
      if (found !== undefined) return found;
      await once(this.#process, "lines", { signal });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.exited;
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal}: readiness fails while it drains, then exit code 0`, async () => {
    await using child = new Child({ CARREL_DRAIN_DELAY_MS: "400" });
    const { port } = await child.line("serving");
    const readyz = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/readyz`);
    assert.equal((await readyz()).status, 200);
    child.kill(signal);
    await child.line("asked to stop");
    const response = await readyz();
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { status: "failed", reasons: ["stopping"] });
    assert.equal(await child.exited, 0);
    const messages = child.lines.map(({ msg }) => msg);
    assert.deepEqual(messages, ["starting", "serving", "asked to stop", "draining", "stopped"]);
  });
}

test("a main that waits on the signal stops with 0", async () => {
  await using child = new Child({ CARREL_BEHAVIOUR: "wait" });
  await child.line("serving");
  child.kill("SIGTERM");
  assert.equal(await child.exited, 0);
});

test("a second signal ends it at once with 1", async () => {
  await using child = new Child({ CARREL_BEHAVIOUR: "hang" });
  await child.line("serving");
  child.kill("SIGTERM");
  await child.line("draining");
  child.kill("SIGTERM");
  assert.equal(await child.exited, 1);
});

test("a stop that takes too long ends with 1", async () => {
  await using child = new Child({ CARREL_BEHAVIOUR: "hang", CARREL_SHUTDOWN_TIMEOUT_MS: "200" });
  await child.line("serving");
  child.kill("SIGTERM");
  assert.equal(await child.exited, 1);
  assert.equal(child.lines.at(-1)?.msg, "did not stop in time; exiting");
});

const FAILURES = {
  throw: ["the service failed", "cannot start"],
  return: ["the service failed", "main returned without being asked to stop"],
  crash: ["nobody handled this error; exiting", "a bug"],
  reject: ["nobody handled this error; exiting", "forgotten"],
  fail: ["the service failed; stopping", "connection closed"],
} as const;
for (const [behaviour, [message, cause]] of Object.entries(FAILURES)) {
  test(`main that does "${behaviour}": the cause is logged, exit code 1`, async () => {
    await using child = new Child({ CARREL_BEHAVIOUR: behaviour });
    assert.equal(await child.exited, 1);
    const line = child.lines.find(({ msg }) => msg === message);
    assert.equal(line?.level, "error");
    assert.equal(line.err?.message, cause);
  });
}

test("a bad configuration: exit code 2, every problem on standard error", async () => {
  await using child = new Child({ CARREL_WORKERS: "0", CARREL_LOG_LEVEL: "loud", CARREL_BEHAVIOR: "good" });
  assert.equal(await child.exited, 2);
  assert.match(child.stderr, /workers \(CARREL_WORKERS\): is 0; allowed: integer ≥ 1/);
  assert.match(child.stderr, /logLevel \(CARREL_LOG_LEVEL\): is "loud"; allowed: one of debug, info, warn, error/);
  assert.match(child.stderr, /CARREL_BEHAVIOR: unknown variable/);
  assert.deepEqual(child.lines, []);
});
