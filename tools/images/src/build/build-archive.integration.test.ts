import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { contentFile } from "../context/context-file.ts";
import { nodeRuntime } from "../context/node-runtime.ts";
import { buildArchive, type BuildArchiveOptions } from "./build-archive.ts";

test("a build that is aborted leaves nothing: no mount, no file, no process", async (t) => {
  const stop = new AbortController();
  const options = await build(t, 'RUN ["/node", "-e", "setTimeout(() => 0, 60000)"]', stop.signal);
  const rejected = assert.rejects(buildArchive(options), /enough/);
  while (!/STEP 3/.test(await readFile(options.logPath, "utf8").catch(() => ""))) await setTimeout(50);
  await setTimeout(500);
  stop.abort(new Error("enough"));
  await rejected;
  const directory = join(options.workDirectory, "..");
  assert.deepEqual(await readdir(directory), ["log"]);
  assert.ok(!(await readFile("/proc/self/mountinfo", "utf8")).includes(directory));
  assert.deepEqual(await processesNaming(directory), []);
});

test("a build that fails says what its log says, and leaves no archive", async (t) => {
  const options = await build(t, 'RUN ["/node", "-e", "console.log(6*7); process.exit(5)"]');
  await assert.rejects(buildArchive(options), (error: Error) => {
    return (
      error.message.includes(options.logPath) && /^42$/m.test(error.message) && /exit status 5/.test(error.message)
    );
  });
  assert.ok(!existsSync(options.archive));
  assert.ok(!existsSync(options.workDirectory));
});

async function build(t: TestContext, instruction: string, signal?: AbortSignal): Promise<BuildArchiveOptions> {
  const directory = await mkdtemp(join(tmpdir(), "carrel-build-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const recipe = contentFile("Dockerfile", `FROM scratch\nCOPY runtime/ /\n${instruction}\n`);
  return {
    definition: { files: [recipe, ...(await nodeRuntime())], buildArgs: {} },
    ref: "carrel/test:1",
    archive: join(directory, "image.tar"),
    workDirectory: join(directory, "work"),
    logPath: join(directory, "log"),
    signal,
  };
}

/** Command lines of processes that name a directory. */
async function processesNaming(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (command.includes(directory)) found.push(command.replaceAll("\0", " "));
  }
  return found;
}
