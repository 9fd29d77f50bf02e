import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ImageError } from "../image-error.ts";
import { buildLock } from "./build-lock.ts";
import { ensureCommands } from "./ensure-commands.ts";
import { runLogged } from "./run-logged.ts";

test("a command that fails names its log and shows its end", async (t) => {
  const logPath = await temporaryLog(t);
  await assert.rejects(
    runLogged("sh", ["-c", "echo one; echo two >&2; exit 3"], { logPath, timeoutMs: 5_000 }),
    (error) =>
      error instanceof ImageError &&
      error.code === "BUILD_FAILED" &&
      error.message.includes(`status 3; its log ${logPath} ends with`) &&
      error.message.endsWith("one\ntwo"),
  );
  await runLogged("echo", ["more"], { logPath, timeoutMs: 5_000 });
  assert.match(await readFile(logPath, "utf8"), /two\n\$ echo more\nmore\n$/);
});

test("an abort ends the command and what it started", async (t) => {
  const logPath = await temporaryLog(t);
  const stop = new AbortController();
  const running = runLogged("sh", ["-c", "sleep 60 & echo $!; wait"], {
    logPath,
    timeoutMs: 60_000,
    signal: stop.signal,
  });
  const rejected = assert.rejects(running, /enough/);
  let pid = 0;
  while (pid === 0) {
    await setTimeout(10);
    pid = Number(/^\d+$/m.exec(await readFile(logPath, "utf8").catch(() => ""))?.[0] ?? 0);
  }
  stop.abort(new Error("enough"));
  await rejected;
  for (const end = performance.now() + 5_000; await isRunning(pid); await setTimeout(10)) {
    assert.ok(performance.now() < end, "the child lives on");
  }
});

test("a command that takes too long is ended", async (t) => {
  const logPath = await temporaryLog(t);
  await assert.rejects(runLogged("sleep", ["60"], { logPath, timeoutMs: 50 }), /sleep took more than 0.05 s/);
});

test("a command that does not exist is named", async (t) => {
  const logPath = await temporaryLog(t);
  await assert.rejects(runLogged("no-such-program", [], { logPath, timeoutMs: 1_000 }), {
    code: "PROGRAM_MISSING",
  });
});

test("commands that are there need no installation", async (t) => {
  const logPath = await temporaryLog(t);
  await ensureCommands({ sh: "dash" }, { logPath });
  await assert.rejects(readFile(logPath), { code: "ENOENT" });
});

test("one holder of a lock at a time; who waits can give up", async () => {
  const name = `test-${process.pid}`;
  const lines: string[] = [];
  const first = await buildLock(name, undefined, undefined);
  const second: AsyncDisposable[] = [];
  const waiting = buildLock(name, undefined, (line) => lines.push(line)).then((lock) => second.push(lock));
  await assert.rejects(buildLock(name, AbortSignal.timeout(50), undefined), { name: "AbortError" });
  assert.equal(second.length, 0);
  assert.match(lines.join(), /waiting for another process/);
  await first[Symbol.asyncDispose]();
  await waiting;
  await second[0]?.[Symbol.asyncDispose]();
});

async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
}

async function temporaryLog(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "carrel-log-"));
  t.after(() => rm(directory, { recursive: true }));
  return join(directory, "log");
}
