import { readdir } from "node:fs/promises";
import { join } from "node:path";

const IGNORED_DIRECTORIES = new Set(["node_modules", "vendor", "testdata"]);

/** The directories below `root/tools` that hold a go.mod, relative to `root`, sorted. */
export async function findGoModules(root: string): Promise<string[]> {
  const walk = async (directory: string): Promise<string[]> => {
    const entries = await readdir(join(root, directory), { withFileTypes: true }).catch(() => []);
    const nested = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !IGNORED_DIRECTORIES.has(entry.name))
      .map((entry) => walk(`${directory}/${entry.name}`));
    const own = entries.some((entry) => entry.name === "go.mod") ? [directory] : [];
    return [...own, ...(await Promise.all(nested)).flat()];
  };
  return (await walk("tools")).sort();
}
