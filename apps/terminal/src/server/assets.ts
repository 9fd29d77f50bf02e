import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";

/** A file of the page, in memory. */
export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  /** The same, compressed by Brotli when the build left a `.br` file beside it. */
  readonly brotli: Buffer | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Reads the page's files (`buildPage` made them); keys are URL paths. Files of other types are left out. */
export async function loadAssets(dir: string): Promise<ReadonlyMap<string, Asset>> {
  const names = await readdir(dir);
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const body = await readFile(join(dir, name));
    const brotli = names.includes(`${name}.br`) ? await readFile(join(dir, `${name}.br`)) : undefined;
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 16)}"`;
    assets.set(name === "index.html" ? "/" : `/${name}`, { type, etag, body, brotli });
  }
  return assets;
}
