import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * What children inherit. The only file here that reads the environment. Root's tools (ip, nft, iptables) live in
 * sbin, which the PATH of a person's shell may lack: it is appended.
 */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const path = [process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", "/usr/sbin", "/sbin"].join(delimiter);
  return { ...process.env, PATH: path };
}

/** Where built programs and images are kept: `$XDG_CACHE_HOME/carrel`, else `~/.cache/carrel`. */
export function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "carrel");
}

/** Where running clusters keep their state: `$XDG_STATE_HOME/carrel`, else `~/.local/state/carrel`. */
export function stateDirectory(): string {
  return join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "carrel");
}
