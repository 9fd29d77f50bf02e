import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import type { NodeSuite } from "./suite.ts";

/** Where test files may be. */
const ROOTS: readonly string[] = ["packages", "services", "apps", "tools", "test"];
const IGNORED_DIRECTORIES = new Set(["node_modules", ".cache", ".nx", "generated", "fixtures"]);

/** The suite that a test file belongs to. Every `*.test.ts` belongs to one: none is forgotten. */
export function suiteOf(path: string): NodeSuite["name"] {
  if (path.endsWith(".e2e.test.ts")) return "e2e";
  return path.endsWith(".integration.test.ts") ? "integration" : "unit";
}

/** The paths of all test files below `root`, relative to it and sorted, that contain one of `filters`. */
export async function discoverTests(root: string, filters: readonly string[] = []): Promise<string[]> {
  const found = (await Promise.all(ROOTS.map((directory) => walk(root, directory)))).flat();
  const isWanted = (path: string): boolean => filters.length === 0 || filters.some((text) => path.includes(text));
  return found.filter(isWanted).sort();
}

async function walk(root: string, directory: string): Promise<string[]> {
  const entries = await readdir(join(root, directory), { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    const path = `${directory}/${entry.name}`.replaceAll(sep, "/");
    if (entry.isDirectory()) {
      if (!IGNORED_DIRECTORIES.has(entry.name)) found.push(...(await walk(root, path)));
    } else if (entry.name.endsWith(".test.ts")) found.push(path);
  }
  return found;
}
