import { execFile } from "node:child_process";
import { readFile, realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ImageError } from "../image-error.ts";
import { type ContextFile, contentFile, copiedFile } from "./context-file.ts";

const CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

const PASSWD = "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n";
const GROUP = "root:x:0:\nnonroot:x:65532:\n";

/** The Node.js binary that the repository brings, at `path` in a context. */
export async function nodeBinary(path: string): Promise<ContextFile> {
  const name = `node-linux-${process.arch}`;
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { readonly version: string };
  const source = join(dirname(manifest), "bin", "node");
  return copiedFile(path, source, { mode: 0o755, fingerprint: `${name}@${version}` });
}

/**
 * All that a Node.js program needs of a system, under `runtime/` in a context: the binary as `/node`, the shared
 * libraries and the loader that it names (this machine's), users, name resolution, certificate authorities.
 */
export async function nodeRuntime(): Promise<ContextFile[]> {
  const node = await nodeBinary("runtime/node");
  const binary = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/bin/node`);
  const libraries = await sharedLibraries(binary);
  return [
    node,
    ...(await Promise.all(
      libraries.map(async (path) => copiedFile(`runtime${path}`, await realpath(path), { mode: 0o755 })),
    )),
    contentFile("runtime/etc/passwd", PASSWD),
    contentFile("runtime/etc/group", GROUP),
    // Without it glibc would look into files that no image has.
    contentFile("runtime/etc/nsswitch.conf", "hosts: files dns\n"),
    ...(await certificateAuthorities()),
  ];
}

/** The paths in the output of `ldd`, where the loader will look for each library. */
export function librariesOf(lddOutput: string): string[] {
  if (/not found/.test(lddOutput)) throw new ImageError("UNSUPPORTED", `Node.js lacks libraries here:\n${lddOutput}`);
  const paths = lddOutput.split("\n").flatMap((line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return [...new Set(paths)].sort();
}

async function sharedLibraries(binary: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ldd", [binary], { timeout: 10_000 });
  return librariesOf(stdout);
}

async function certificateAuthorities(): Promise<ContextFile[]> {
  try {
    return [await copiedFile(`runtime${CA_BUNDLE}`, await realpath(CA_BUNDLE), { mode: 0o644 })];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
