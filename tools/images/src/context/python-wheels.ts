import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { imageCacheDirectory } from "../paths.ts";
import { buildLock } from "../process/build-lock.ts";
import { ensureCommands } from "../process/ensure-commands.ts";
import { runLogged } from "../process/run-logged.ts";
import { type OnProgress, timed } from "../progress.ts";
import { type ContextFile, copiedFile } from "./context-file.ts";

/** Options of {@link pythonWheels}. */
export interface PythonWheelsOptions {
  /** Names them in the cache. */
  readonly name: string;
  /** A requirements file that pins every package by hash. */
  readonly requirements: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

const TIMEOUT_MS = 15 * 60_000;
const MACHINE = process.arch === "arm64" ? "aarch64" : "x86_64";

/** Wheels for CPython 3.11 on Debian 12 (glibc 2.36), whatever Python this machine has. */
const TARGET = [
  "--only-binary=:all:",
  "--no-deps",
  "--require-hashes",
  "--python-version=3.11",
  "--implementation=cp",
  ...["cp311", "abi3", "none"].map((abi) => `--abi=${abi}`),
  ...["manylinux_2_28", "manylinux_2_17", "manylinux2014"].map((tag) => `--platform=${tag}_${MACHINE}`),
];

/** The wheels that a requirements file names, under `wheels/` in a context. They are downloaded once and then kept. */
export async function pythonWheels(options: PythonWheelsOptions): Promise<ContextFile[]> {
  const requirements = await readFile(options.requirements);
  const key = createHash("sha256").update(requirements).update(TARGET.join(" ")).digest("hex").slice(0, 16);
  const directory = join(imageCacheDirectory(), `wheels-${options.name}-${key}`);
  if (!existsSync(directory)) await download(options, directory);
  const names = (await readdir(directory)).sort();
  return Promise.all(
    names.map((name) =>
      copiedFile(`wheels/${name}`, join(directory, name), { mode: 0o644, fingerprint: `${key}/${name}` }),
    ),
  );
}

async function download(options: PythonWheelsOptions, directory: string): Promise<void> {
  const { name, requirements, signal, onProgress } = options;
  const cache = imageCacheDirectory();
  await mkdir(cache, { recursive: true });
  await using _lock = await buildLock(`wheels-${name}`, signal, onProgress);
  if (existsSync(directory)) return;
  const logPath = join(cache, `wheels-${name}.log`);
  await rm(logPath, { force: true });
  await ensureCommands({ pip3: "python3-pip" }, { logPath, signal, onProgress });
  const unfinished = `${directory}.${process.pid}.partial`;
  try {
    await timed(`downloading Python packages for ${name}`, onProgress, () =>
      runLogged("pip3", ["download", "--quiet", ...TARGET, "--dest", unfinished, "--requirement", requirements], {
        logPath,
        signal,
        timeoutMs: TIMEOUT_MS,
      }),
    );
    await removeOthers(cache, name);
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function removeOthers(cache: string, name: string): Promise<void> {
  for (const entry of await readdir(cache)) {
    if (new RegExp(`^wheels-${name}-[0-9a-f]{16}$`).test(entry)) await rm(join(cache, entry), { recursive: true });
  }
}
