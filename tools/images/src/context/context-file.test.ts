import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { contentFile, copiedFile, copiedTree, writeContext } from "./context-file.ts";

test("a context is written with its modes and contents", async (t) => {
  const directory = await temporary(t);
  const source = join(directory, "source");
  await mkdir(join(source, "deep"), { recursive: true });
  await writeFile(join(source, "deep", "tool"), "#!/bin/sh\n");
  await chmod(join(source, "deep", "tool"), 0o700);
  await writeFile(join(source, "text"), "text");
  const files = [...(await copiedTree("in", source)), contentFile("made/up", "content", 0o755)];
  assert.deepEqual(
    files.map(({ path, mode }) => [path, mode]),
    [
      ["in/deep/tool", 0o755],
      ["in/text", 0o644],
      ["made/up", 0o755],
    ],
  );
  const context = join(directory, "context");
  await writeContext(files, context);
  assert.equal(await readFile(join(context, "made/up"), "utf8"), "content");
  assert.equal((await stat(join(context, "in/deep/tool"))).mode & 0o777, 0o755);
});

test("a copy's fingerprint is that of its content, unless the caller knows better", async (t) => {
  const path = join(await temporary(t), "file");
  await writeFile(path, "same");
  const copied = await copiedFile("x", path);
  assert.equal(copied.fingerprint, contentFile("y", "same").fingerprint);
  assert.equal((await copiedFile("x", path, { fingerprint: "v1" })).fingerprint, "v1");
});

async function temporary(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "carrel-context-"));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}
