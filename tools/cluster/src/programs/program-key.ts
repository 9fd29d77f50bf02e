import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProgramSource } from "./program-catalog.ts";

/** The flags of every `go build` here. Changing them changes every key. */
export const BUILD_FLAGS: readonly string[] = ["-trimpath", "-buildvcs=false"];

/**
 * What a built program is stored under: a hash of all that its content depends on, that is the Go sources, go.mod
 * and go.sum of its module (nested modules apart), the Go version, platform and flags. 16 hexadecimal digits.
 */
export async function programKey(source: ProgramSource, goVersion: string): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([goVersion, process.arch, BUILD_FLAGS, source.packagePath, source.linkerStrings]));
  for (const file of await moduleFiles(source.moduleDir, "")) {
    hash.update(`\0${file}\0`);
    hash.update(await readFile(join(source.moduleDir, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** The files of a module that its build reads, sorted, relative to its directory. */
async function moduleFiles(moduleDir: string, relative: string): Promise<string[]> {
  const entries = await readdir(join(moduleDir, relative), { withFileTypes: true });
  // A nested go.mod starts another module.
  if (relative !== "" && entries.some((entry) => entry.name === "go.mod")) return [];
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(relative, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules" && !entry.name.startsWith("."))
        found.push(...(await moduleFiles(moduleDir, path)));
    } else if (/^go\.(mod|sum)$|\.go$/.test(entry.name) && !entry.name.endsWith("_test.go")) found.push(path);
  }
  return found.sort();
}
