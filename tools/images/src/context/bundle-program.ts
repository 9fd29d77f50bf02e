import { basename } from "node:path";
import { build } from "esbuild";
import { ImageError } from "../image-error.ts";
import { REPOSITORY } from "../paths.ts";
import { type ContextFile, contentFile } from "./context-file.ts";

/** CommonJS packages in the bundle call `require` for Node's own modules, which an ES module does not have. */
const REQUIRE_BANNER =
  'import { createRequire as carrelCreateRequire } from "node:module"; ' +
  "const require = carrelCreateRequire(import.meta.url);";

/**
 * Bundles a program and everything that it imports into `app/main.mjs`, with a source map that holds positions only.
 * The same sources give the same bytes. @throws ImageError `BUILD_FAILED` with esbuild's messages.
 */
export async function bundleProgram(entryPoint: string): Promise<ContextFile[]> {
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    outfile: "app/main.mjs",
    absWorkingDir: REPOSITORY,
    bundle: true,
    write: false,
    platform: "node",
    target: "node24",
    format: "esm",
    minifyWhitespace: true,
    legalComments: "none",
    sourcemap: "linked",
    sourcesContent: false,
    banner: { js: REQUIRE_BANNER },
    logLevel: "silent",
  }).catch((cause: unknown) => {
    throw new ImageError("BUILD_FAILED", `cannot bundle ${entryPoint}: ${String(cause)}`, { cause });
  });
  return outputFiles.map((file) => contentFile(`app/${basename(file.path)}`, file.contents));
}
