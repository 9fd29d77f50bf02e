import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** What the image builder takes from its environment; the one place that reads it. */
export const environment = {
  /** Directories in which commands are found. */
  commandDirectories(): readonly string[] {
    return (process.env["PATH"] ?? "").split(delimiter);
  },
  /** `$XDG_CACHE_HOME`, else `~/.cache`. */
  cacheDirectory(): string {
    return process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  },
  /** The environment of a program that is started, with additions. */
  forChild(additions: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return { ...process.env, ...additions };
  },
} as const;
