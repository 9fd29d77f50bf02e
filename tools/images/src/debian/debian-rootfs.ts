import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ContextFile, copiedFile } from "../context/context-file.ts";
import { BUILD_TIME_SECONDS } from "../build/build-time.ts";
import { imageCacheDirectory } from "../paths.ts";
import { buildLock } from "../process/build-lock.ts";
import { ensureCommands } from "../process/ensure-commands.ts";
import { runLogged } from "../process/run-logged.ts";
import { type OnProgress, timed } from "../progress.ts";

/** A minimal Debian with packages. */
export interface DebianRootfs {
  /** Names the file in the cache. */
  readonly name: string;
  /** Packages beside the essential ones and apt. */
  readonly packages: readonly string[];
}

/** Options of {@link debianRootfs}. */
export interface DebianRootfsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

const SUITE = "bookworm";
const TIMEOUT_MS = 20 * 60_000;

const MMDEBSTRAP_ARGS = [
  "--variant=minbase",
  "--format=tar",
  ...["man", "info", "locale", "lintian", "doc/*"].map((dir) => `--dpkgopt=path-exclude=/usr/share/${dir}/*`),
  "--dpkgopt=path-include=/usr/share/doc/*/copyright",
  // Lists are of the day of the build; logs, and the caches that debconf and ldconfig keep, are of no use in an image.
  '--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/debconf/*-old ' +
    '"$1"/var/cache/ldconfig "$1"/var/log/*',
];

/**
 * A Debian root file system as `rootfs.tar` of a context; made by mmdebstrap once per list of packages and then kept.
 * To take in updates of Debian, delete `rootfs-*.tar` from the cache.
 */
export async function debianRootfs(rootfs: DebianRootfs, options: DebianRootfsOptions): Promise<ContextFile> {
  const key = rootfsKey(rootfs);
  const directory = imageCacheDirectory();
  const path = join(directory, `rootfs-${rootfs.name}-${key}.tar`);
  if (!existsSync(path)) await make(rootfs, path, directory, options);
  return copiedFile("rootfs.tar", path, { mode: 0o644, fingerprint: `debian-${key}` });
}

/** What a root file system is kept under: 16 hexadecimal digits that follow from all that is asked for. */
export function rootfsKey(rootfs: DebianRootfs): string {
  const request = [SUITE, process.arch, BUILD_TIME_SECONDS, MMDEBSTRAP_ARGS, [...rootfs.packages].sort()];
  return createHash("sha256").update(JSON.stringify(request)).digest("hex").slice(0, 16);
}

async function make(
  rootfs: DebianRootfs,
  path: string,
  directory: string,
  { signal, onProgress }: DebianRootfsOptions,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await using _lock = await buildLock(`rootfs-${rootfs.name}`, signal, onProgress);
  if (existsSync(path)) return;
  const logPath = join(directory, `rootfs-${rootfs.name}.log`);
  await rm(logPath, { force: true });
  await ensureCommands({ mmdebstrap: "mmdebstrap" }, { logPath, signal, onProgress });
  const unfinished = `${path}.${process.pid}.partial`;
  try {
    const include = `--include=${[...rootfs.packages].sort().join(",")}`;
    const args = [...MMDEBSTRAP_ARGS, include, SUITE, unfinished, ...(await machineSources())];
    // Files get no later time than this, so that two builds of the same packages are alike.
    const env = { SOURCE_DATE_EPOCH: String(BUILD_TIME_SECONDS) };
    await timed(`making a Debian system for ${rootfs.name}`, onProgress, () =>
      runLogged("mmdebstrap", args, { logPath, signal, env, timeoutMs: TIMEOUT_MS }),
    );
    await rename(unfinished, path);
    await removeOthers(directory, rootfs.name, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** This machine's own sources of the suite, if it is that Debian; else none, and mmdebstrap takes Debian's. */
async function machineSources(): Promise<string[]> {
  const candidates = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];
  const found: string[] = [];
  for (const path of candidates) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (new RegExp(`^[^#]*\\b${SUITE}\\b`, "m").test(text)) found.push(path);
  }
  return found;
}

async function removeOthers(directory: string, name: string, kept: string): Promise<void> {
  for (const entry of await readdir(directory)) {
    const path = join(directory, entry);
    if (path !== kept && new RegExp(`^rootfs-${name}-[0-9a-f]{16}\\.tar$`).test(entry)) await rm(path, { force: true });
  }
}
