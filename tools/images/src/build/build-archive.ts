import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeContext } from "../context/context-file.ts";
import { ImageError } from "../image-error.ts";
import { runLogged } from "../process/run-logged.ts";
import { BUILD_TIME_SECONDS } from "./build-time.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { unmountBelow } from "./unmount-below.ts";

/** Options of {@link buildArchive}. */
export interface BuildArchiveOptions {
  readonly definition: ImageDefinition;
  /** The name and tag inside the archive. */
  readonly ref: string;
  /** Where the archive goes; it appears there complete or not at all. */
  readonly archive: string;
  /** A directory for this build alone. It is emptied first and removed at the end. */
  readonly workDirectory: string;
  readonly logPath: string;
  readonly signal?: AbortSignal | undefined;
}

/** Overlay is quick; vfs copies, but works where overlay file systems cannot be nested. */
const STORAGE_DRIVERS = ["overlay", "vfs"] as const;
const BUILD_TIMEOUT_MS = 30 * 60_000;
const PUSH_TIMEOUT_MS = 5 * 60_000;

/**
 * Builds a Dockerfile with buildah into a `docker-archive`, as `docker save` writes it. Storage is the build's own:
 * images of this machine's user are neither seen nor touched.
 * @throws ImageError `BUILD_FAILED`
 */
export async function buildArchive(options: BuildArchiveOptions): Promise<void> {
  const { definition, archive, workDirectory, logPath } = options;
  const partial = `${archive}.${process.pid}.partial`;
  await removeWork(workDirectory, logPath);
  try {
    await mkdir(join(workDirectory, "tmp"), { recursive: true });
    await writeContext(definition.files, join(workDirectory, "context"));
    await writeFile(join(workDirectory, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
    await buildWithAnyDriver(options, partial);
    await rename(partial, archive);
  } finally {
    await rm(partial, { force: true });
    await removeWork(workDirectory, logPath);
  }
}

async function buildWithAnyDriver(options: BuildArchiveOptions, partial: string): Promise<void> {
  for (const driver of STORAGE_DRIVERS) {
    try {
      return await build(options, driver, partial);
    } catch (error) {
      const lastDriver = driver === STORAGE_DRIVERS.at(-1);
      if (lastDriver || !(error instanceof ImageError) || !(await driverFailed(options.logPath))) throw error;
    }
  }
}

async function build(options: BuildArchiveOptions, driver: string, partial: string): Promise<void> {
  const { definition, ref, workDirectory, logPath, signal } = options;
  const storage = join(workDirectory, `storage-${driver}`);
  const policy = ["--signature-policy", join(workDirectory, "policy.json")];
  const global = ["--root", join(storage, "root"), "--runroot", join(storage, "run"), "--storage-driver", driver];
  const run = { logPath, signal, env: { TMPDIR: join(workDirectory, "tmp") } };
  // Without a registry's name buildah takes localhost, and tags of both would end up in the archive.
  const tag = `docker.io/${ref}`;
  const args = Object.entries(definition.buildArgs).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  await runLogged(
    "buildah",
    [
      ...global,
      "bud",
      ...policy,
      "--isolation=chroot",
      "--layers",
      `--timestamp=${BUILD_TIME_SECONDS}`,
      "--format=oci",
      ...args,
      "--tag",
      tag,
      join(workDirectory, "context"),
    ],
    { ...run, timeoutMs: BUILD_TIMEOUT_MS },
  );
  const target = `docker-archive:${partial}:${tag}`;
  await runLogged("buildah", [...global, "push", "--quiet", ...policy, tag, target], {
    ...run,
    timeoutMs: PUSH_TIMEOUT_MS,
  });
}

/** Whether the log tells of a storage driver that does not work here rather than of a build that failed. */
async function driverFailed(logPath: string): Promise<boolean> {
  const log = await readFile(logPath, "utf8");
  return /overlay.*(?:not supported|no such device|backing file system)|mounting .*overlay/i.test(log);
}

async function removeWork(directory: string, logPath: string): Promise<void> {
  if (!existsSync(directory)) return;
  await unmountBelow(directory, logPath);
  await rm(directory, { recursive: true, force: true });
}
