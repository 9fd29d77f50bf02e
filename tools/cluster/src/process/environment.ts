import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The only place that reads the environment: what children inherit, and where the XDG base directory
 * specification puts caches and state.
 */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** Where built programs and images are kept: `$XDG_CACHE_HOME/carrel`, else `~/.cache/carrel`. */
export function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "carrel");
}

/** Where running clusters keep their state: `$XDG_STATE_HOME/carrel`, else `~/.local/state/carrel`. */
export function stateDirectory(): string {
  return join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "carrel");
}
