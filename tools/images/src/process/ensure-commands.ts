import { access, constants, readFile } from "node:fs/promises";
import { join } from "node:path";
import { environment } from "../environment.ts";
import { ImageError } from "../image-error.ts";
import { type OnProgress, timed } from "../progress.ts";
import { runLogged } from "./run-logged.ts";

/** Options of {@link ensureCommands}. */
export interface EnsureCommandsOptions {
  readonly logPath: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** A command and the Debian package that brings it. */
export type CommandPackages = Readonly<Record<string, string>>;

const INSTALL_TIMEOUT_MS = 10 * 60_000;

/**
 * Makes sure that commands are there: as root on Debian the packages of the missing ones are installed.
 * @throws ImageError `PROGRAM_MISSING` that names what is missing and the command that installs it.
 */
export async function ensureCommands(commands: CommandPackages, options: EnsureCommandsOptions): Promise<void> {
  const missing = await missingPackages(commands);
  if (missing.length === 0) return;
  const install = ["install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", ...missing];
  if (process.getuid?.() === 0 && (await isDebian())) {
    const { logPath, signal } = options;
    const run = { logPath, signal, timeoutMs: INSTALL_TIMEOUT_MS, env: { DEBIAN_FRONTEND: "noninteractive" } };
    await timed(`installing ${missing.join(" ")}`, options.onProgress, async () => {
      await runLogged("apt-get", ["update", "-q", "-o", "DPkg::Lock::Timeout=300"], run);
      await runLogged("apt-get", install, run);
    });
  }
  const left = await missingPackages(commands);
  if (left.length === 0) return;
  throw new ImageError("PROGRAM_MISSING", `images need ${left.join(", ")}; as root: apt-get install ${left.join(" ")}`);
}

async function missingPackages(commands: CommandPackages): Promise<string[]> {
  const directories = environment.commandDirectories();
  const missing = new Set<string>();
  for (const [command, debianPackage] of Object.entries(commands)) {
    const found = await Promise.all(directories.map((directory) => isExecutable(join(directory, command))));
    if (!found.includes(true)) missing.add(debianPackage);
  }
  return [...missing].sort();
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function isDebian(): Promise<boolean> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^ID=debian$/m.test(release);
}
