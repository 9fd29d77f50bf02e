import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, constants, copyFile, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

/** One file of a build context: known by its fingerprint before it is written. */
export interface ContextFile {
  /** Relative to the context. */
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  /** Differs whenever the content differs. */
  readonly fingerprint: string;
  /** Writes the content to an absolute path. */
  write(destination: string): Promise<void>;
}

/** A file with the given content. */
export function contentFile(
  path: string,
  content: string | Uint8Array,
  mode: ContextFile["mode"] = 0o644,
): ContextFile {
  const fingerprint = createHash("sha256").update(content).digest("hex");
  return { path, mode, fingerprint, write: (destination) => writeFile(destination, content) };
}

/** A copy of a file. Large files whose content follows from something short are given a fingerprint by the caller. */
export async function copiedFile(
  path: string,
  source: string,
  options: { readonly mode?: ContextFile["mode"]; readonly fingerprint?: string } = {},
): Promise<ContextFile> {
  const mode = options.mode ?? (((await stat(source)).mode & 0o100) === 0 ? 0o644 : 0o755);
  const fingerprint = options.fingerprint ?? (await hashFile(source));
  // A reflink where the file system has them: base systems are large.
  const write = (destination: string) => copyFile(source, destination, constants.COPYFILE_FICLONE);
  return { path, mode, fingerprint, write };
}

/** Copies of all files under a directory, at `prefix` in the context. */
export async function copiedTree(prefix: string, source: string): Promise<ContextFile[]> {
  const entries = await readdir(source, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map((file) => copiedFile(join(prefix, file.slice(source.length)), file)));
}

/** Writes a context into a directory. Modes do not depend on the umask. */
export async function writeContext(files: readonly ContextFile[], directory: string): Promise<void> {
  for (const file of files) {
    const destination = join(directory, file.path);
    await mkdir(dirname(destination), { recursive: true, mode: 0o755 });
    await file.write(destination);
    await chmod(destination, file.mode);
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}
