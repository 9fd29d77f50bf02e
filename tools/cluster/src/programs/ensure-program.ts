import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { acquireExclusiveLock } from "../process/exclusive-lock.ts";
import { cacheDirectory } from "../process/environment.ts";
import { runCommand } from "../process/run-command.ts";
import { type OnProgress, withProgress } from "../progress.ts";
import { ensureSystemPrograms } from "../system/ensure-system-programs.ts";
import { type ProgramName, PROGRAMS, type ProgramSource } from "./program-catalog.ts";
import { BUILD_FLAGS, programKey } from "./program-key.ts";

/** Options of {@link ensureProgram}. */
export interface EnsureProgramOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

const BUILD_TIMEOUT_MS = 45 * 60_000;

/**
 * Gives the absolute path of a program, building it first when its sources changed or it never was built here.
 * Built programs stay in `~/.cache/carrel/programs/NAME-KEY`; see {@link programKey}. Two processes that ask at once
 * build once.
 * @throws ClusterError `PROGRAM_MISSING` without Go, `COMMAND_FAILED` with the compiler's last lines.
 */
export async function ensureProgram(name: ProgramName, options: EnsureProgramOptions = {}): Promise<string> {
  const { signal, onProgress } = options;
  const source = PROGRAMS[name];
  await ensureSystemPrograms(["go"], { signal, onProgress });
  const goVersion = (await runCommand("go", ["env", "GOVERSION"], { signal, cwd: source.moduleDir })).trim();
  const directory = join(cacheDirectory(), "programs");
  const path = join(directory, `${name}-${await programKey(source, goVersion)}`);
  if (existsSync(path)) return path;

  await mkdir(directory, { recursive: true });
  await using _lock = await acquireExclusiveLock(`build:${name}`, {
    signal,
    onWait: () => onProgress?.(`waiting for another process that builds ${source.title} …`),
  });
  if (existsSync(path)) return path;
  const title = `building ${source.title} (cold: ${source.coldBuild})`;
  await withProgress(title, onProgress, () => build(source, path, signal));
  await removeOldBuilds(directory, name);
  return path;
}

async function build(source: ProgramSource, path: string, signal: AbortSignal | undefined): Promise<void> {
  const unfinished = `${path}.${process.pid}.partial`;
  const linker = ["-s", "-w", ...source.linkerStrings.map((setting) => `-X=${setting}`)].join(" ");
  try {
    await runCommand("go", ["build", ...BUILD_FLAGS, "-ldflags", linker, "-o", unfinished, source.packagePath], {
      cwd: source.moduleDir,
      env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" },
      timeoutMs: BUILD_TIMEOUT_MS,
      signal,
    });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Keeps the three newest builds of a program: switching between two versions of the sources stays quick. */
async function removeOldBuilds(directory: string, name: ProgramName): Promise<void> {
  const pattern = new RegExp(`^${name}-[0-9a-f]{16}$`);
  const builds = (await readdir(directory)).filter((entry) => pattern.test(entry));
  const aged = await Promise.all(
    builds.map(async (entry) => ({ entry, builtMs: (await stat(join(directory, entry))).mtimeMs })),
  );
  aged.sort((a, b) => b.builtMs - a.builtMs);
  for (const { entry } of aged.slice(3)) await rm(join(directory, entry), { force: true });
}
