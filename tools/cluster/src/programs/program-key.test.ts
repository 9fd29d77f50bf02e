import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ProgramSource } from "./program-catalog.ts";
import { programKey } from "./program-key.ts";

test("the key follows what the build reads, and nothing else", async (t) => {
  const moduleDir = await mkdtemp(join(tmpdir(), "carrel-key-"));
  t.after(() => rm(moduleDir, { recursive: true }));
  const source: ProgramSource = { title: "x", moduleDir, packagePath: ".", linkerStrings: [], coldBuild: "" };
  const write = (file: string, content: string): Promise<void> => writeFile(join(moduleDir, file), content);
  const key = (): Promise<string> => programKey(source, "go1.26");
  await Promise.all([mkdir(join(moduleDir, "inner")), mkdir(join(moduleDir, "other"))]);
  await Promise.all([write("go.mod", "module x"), write("inner/a.go", "package a"), write("other/go.mod", "module y")]);

  const first = await key();
  assert.match(first, /^[0-9a-f]{16}$/);
  await Promise.all([
    write("README.md", "text"),
    write("inner/a_test.go", "package a"),
    write("other/b.go", "package b"),
  ]);
  assert.equal(await key(), first, "documents, tests and nested modules do not count");

  const seen = new Set([first, await programKey(source, "go1.27")]);
  seen.add(await programKey({ ...source, linkerStrings: ["a=b"] }, "go1.26"));
  await write("inner/a.go", "package a // changed");
  seen.add(await key());
  await write("go.sum", "sum");
  seen.add(await key());
  assert.equal(seen.size, 5);
});
