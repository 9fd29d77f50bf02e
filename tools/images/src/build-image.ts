import { existsSync } from "node:fs";
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { buildArchive } from "./build/build-archive.ts";
import { type ImageDefinition, imageKey } from "./build/image-definition.ts";
import { defineImage } from "./define-image.ts";
import type { ImageName } from "./image-name.ts";
import { imageCacheDirectory } from "./paths.ts";
import { buildLock } from "./process/build-lock.ts";
import { ensureCommands } from "./process/ensure-commands.ts";
import { type OnProgress, timed } from "./progress.ts";

/** Options of {@link buildImage}. */
export interface BuildImageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** An image that is ready to be imported, by `ctr images import` or `docker load`. */
export interface BuiltImage {
  /** The absolute path of a `docker-archive`. */
  readonly archive: string;
  /** `carrel/NAME:KEY`. The tag follows from the content, so `imagePullPolicy: IfNotPresent` is always right. */
  readonly ref: string;
}

const KEPT_ARCHIVES = 2;
/** Nothing that was built or asked for so recently is removed: somebody may be about to import it. */
const KEPT_MS = 15 * 60_000;

/**
 * Gives an image, building it first when one of its inputs changed or it never was built here. Archives stay in
 * `~/.cache/carrel/images`. Two processes that ask at once build once.
 * @throws ImageError `BUILD_FAILED` (with the last lines and the path of the log) or `PROGRAM_MISSING`; ClusterError for
 * programs that are built for the image.
 */
export async function buildImage(name: ImageName, options: BuildImageOptions = {}): Promise<BuiltImage> {
  return buildDefinition(name, await defineImage(name, options), options);
}

/** Gives the image of a definition. `name` may hold lower-case letters, digits and hyphens. */
export async function buildDefinition(
  name: string,
  definition: ImageDefinition,
  options: BuildImageOptions = {},
): Promise<BuiltImage> {
  const { signal, onProgress } = options;
  const directory = imageCacheDirectory();
  const key = imageKey(definition);
  const archive = join(directory, `${name}-${key}.tar`);
  const built = { archive, ref: `carrel/${name}:${key}` };
  if (await markUsed(archive)) return built;

  await mkdir(directory, { recursive: true });
  await using _lock = await buildLock(`image-${name}`, signal, onProgress);
  if (existsSync(archive)) return built;
  const logPath = join(directory, `${name}.log`);
  await rm(logPath, { force: true });
  await ensureCommands({ buildah: "buildah" }, { logPath, signal, onProgress });
  const workDirectory = join(directory, `work-${name}`);
  await timed(`building image ${built.ref}`, onProgress, () =>
    buildArchive({ definition, ref: built.ref, archive, workDirectory, logPath, signal }),
  );
  onProgress?.(`${built.ref} is ${((await stat(archive)).size / 1e6).toFixed(0)} MB`);
  await removeOldArchives(directory, name);
  return built;
}

/** Notes that an archive is in use, as its modification time. False when there is none. */
async function markUsed(archive: string): Promise<boolean> {
  if (!existsSync(archive)) return false;
  const now = new Date();
  // Another process may just have removed it: then it is built again.
  return utimes(archive, now, now).then(
    () => true,
    () => false,
  );
}

/** Keeps the archives of an image that were used last: going back and forth between two versions stays quick. */
async function removeOldArchives(directory: string, name: string): Promise<void> {
  const pattern = new RegExp(`^${name}-[0-9a-f]{12}\\.tar$`);
  const names = (await readdir(directory)).filter((entry) => pattern.test(entry));
  const archives = await Promise.all(
    names.map(async (entry) => ({ entry, usedMs: (await stat(join(directory, entry))).mtimeMs })),
  );
  archives.sort((a, b) => b.usedMs - a.usedMs);
  const removable = archives.slice(KEPT_ARCHIVES).filter(({ usedMs }) => Date.now() - usedMs > KEPT_MS);
  for (const { entry } of removable) await rm(join(directory, entry), { force: true });
}
