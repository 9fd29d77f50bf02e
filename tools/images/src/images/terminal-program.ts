import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildPage } from "@carrel/terminal/build-page";
import { bundleProgram } from "../context/bundle-program.ts";
import { type ContextFile, contentFile, copiedTree } from "../context/context-file.ts";
import { nodeBinary } from "../context/node-runtime.ts";
import { REPOSITORY } from "../paths.ts";

/** The terminal server with its page and what runs it, under `node/` and `app/` of a context. */
export async function terminalProgram(): Promise<ContextFile[]> {
  return [
    await nodeBinary("node/node"),
    ...(await bundleProgram(join(REPOSITORY, "apps/terminal/src/main.ts"))),
    ...(await pageFiles()),
    ...(await ptyAddon()),
  ];
}

async function pageFiles(): Promise<ContextFile[]> {
  const directory = await mkdtemp(join(tmpdir(), "carrel-page-"));
  try {
    await buildPage(directory);
    const names = (await readdir(directory)).sort();
    return await Promise.all(
      names.map(async (name) => contentFile(`app/page/${name}`, await readFile(join(directory, name)))),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The one dependency that cannot be bundled. */
async function ptyAddon(): Promise<ContextFile[]> {
  const name = `@lydell/node-pty-linux-${process.arch}`;
  const source = dirname(createRequire(import.meta.resolve("@carrel/terminal")).resolve(`${name}/package.json`));
  return copiedTree(`app/node_modules/${name}`, source);
}
