import { readdir, readFile } from "node:fs/promises";
import { basename, join, normalize } from "node:path";
import { findImports } from "./find-imports.ts";
import type { Manifest, Repository, SourceFile, Workspace } from "./repository.ts";
import { scanSource } from "./scan-source.ts";

const IGNORED_DIRECTORIES = new Set(["node_modules", "generated", "dist"]);

/** Reads the repository at `root`: its workspaces, what they declare and what their files import. */
export async function readRepository(root: string): Promise<Repository> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest;
  const directories = (await Promise.all((manifest.workspaces ?? []).map((glob) => expand(root, glob)))).flat();
  const workspaces = await Promise.all(directories.sort().map((directory) => readWorkspace(root, directory)));
  return { root: manifest, references: (await readReferences(root, "")) ?? [], workspaces };
}

/** Makes a source file of its path and text. */
export function toSourceFile(path: string, text: string): SourceFile {
  const scanned = scanSource(text);
  return {
    path,
    code: scanned.code,
    imports: findImports(scanned),
    isTest: path.endsWith(".test.ts") || /\/(fixtures|testing)\//.test(path),
    isMain: basename(path) === "main.ts",
  };
}

/** The directories that a workspace glob of ours (`packages/*`, `test`) means. */
async function expand(root: string, glob: string): Promise<string[]> {
  if (!glob.endsWith("/*")) return [glob];
  const parent = glob.slice(0, -2);
  const entries = await readdir(join(root, parent), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
    const files = await readdir(join(root, parent, entry.name));
    if (files.includes("package.json")) found.push(`${parent}/${entry.name}`);
  }
  return found;
}

async function readWorkspace(root: string, directory: string): Promise<Workspace> {
  const manifestText = await readFile(join(root, directory, "package.json"), "utf8");
  const manifest = JSON.parse(manifestText) as Manifest;
  const paths = await findSources(root, directory);
  const files = await Promise.all(
    paths.sort().map(async (path) => toSourceFile(path, await readFile(join(root, path), "utf8"))),
  );
  const layer = manifest.nx?.tags?.find((tag) => tag.startsWith("layer:"))?.slice("layer:".length);
  const references = await readReferences(root, directory);
  return { name: manifest.name, directory, layer, manifest, manifestText, references, files };
}

async function readReferences(root: string, directory: string): Promise<string[] | undefined> {
  const text = await readFile(join(root, directory, "tsconfig.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { references = [] } = JSON.parse(text) as { references?: readonly { readonly path: string }[] };
  return references.map(({ path }) => normalize(join(directory, path)));
}

async function findSources(root: string, directory: string): Promise<string[]> {
  const entries = await readdir(join(root, directory), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) {
      const isWanted = !IGNORED_DIRECTORIES.has(entry.name) && !entry.name.startsWith(".");
      if (isWanted) found.push(...(await findSources(root, path)));
    } else if (/\.m?ts$/.test(entry.name)) found.push(path);
  }
  return found;
}
