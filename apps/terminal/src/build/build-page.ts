import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { build } from "esbuild";

const SOURCES = fileURLToPath(new URL("../page/", import.meta.url));
const COPIED = ["index.html", "icon.svg"];
const BUNDLED = ["page.js", "page.css"];

/**
 * Bundles the page for browsers into `outDir`: what `startTerminalServer` serves. The large files also get a `.br` form.
 * The same sources give the same bytes.
 */
export async function buildPage(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await build({
    entryPoints: { page: join(SOURCES, "main.ts"), "page-style": join(SOURCES, "style.css") },
    outdir: outDir,
    entryNames: "page",
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2023", "chrome120", "firefox120", "safari17"],
    legalComments: "linked",
    logLevel: "warning",
  });
  await Promise.all(COPIED.map((name) => copyFile(join(SOURCES, name), join(outDir, name))));
  await Promise.all(BUNDLED.map((name) => compress(join(outDir, name))));
}

async function compress(path: string): Promise<void> {
  const body = await readFile(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(body, { params }));
}
