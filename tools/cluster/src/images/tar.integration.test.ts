import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runCommand } from "../process/run-command.ts";
import { writeTar } from "./tar.ts";

test("tar reads what we write: contents, modes, directories", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "carrel-tar-"));
  t.after(() => rm(directory, { recursive: true }));
  const odd = Buffer.alloc(513, "x");
  const archive = writeTar([
    { path: "program", content: Buffer.from("#!"), mode: 0o755 },
    { path: "etc/deep/odd", content: odd, mode: 0o644 },
    { path: "etc/empty", content: Buffer.alloc(0), mode: 0o600 },
  ]);
  assert.equal(archive.length % 512, 0);
  await writeFile(join(directory, "a.tar"), archive);
  await runCommand("tar", ["-xf", "a.tar"], { cwd: directory });
  assert.deepEqual(await readFile(join(directory, "etc/deep/odd")), odd);
  assert.equal((await readFile(join(directory, "etc/empty"))).length, 0);
  assert.equal((await stat(join(directory, "program"))).mode & 0o777, 0o755);
  assert.equal((await stat(join(directory, "program"))).mtimeMs, 0);
});

test("a path that ustar cannot hold is refused", () => {
  assert.throws(() => writeTar([{ path: "x".repeat(101), content: Buffer.alloc(0), mode: 0o644 }]), RangeError);
});
