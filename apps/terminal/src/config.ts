import { CarrelError } from "@carrel/std";
import { MAX_TERMINALS } from "./protocol/limits.ts";

/** What the terminal server reads from its environment. */
export interface TerminalConfig {
  readonly port: number;
  readonly maxTerminals: number;
  readonly maxSockets: number;
  readonly scrollbackBytes: number;
  readonly detachedTtlMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `PORT` (8080), `CARREL_TERMINAL_MAX_TERMINALS` (8), `CARREL_TERMINAL_MAX_SOCKETS` (32),
 * `CARREL_TERMINAL_SCROLLBACK_KIB` (256) and `CARREL_TERMINAL_DETACHED_MINUTES` (240: how long a shell survives without
 * a viewer). @throws CarrelError `CONFIG_INVALID` that names every bad variable.
 */
export function readConfig(env: Environment): TerminalConfig {
  const problems: string[] = [];
  const integer = (name: string, byDefault: number, least: number, most: number): number => {
    const text = env[name];
    if (text === undefined || text === "") return byDefault;
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    problems.push(`${name} must be an integer from ${least} to ${most}`);
    return byDefault;
  };
  const config: TerminalConfig = {
    port: integer("PORT", 8080, 0, 65_535),
    maxTerminals: integer("CARREL_TERMINAL_MAX_TERMINALS", 8, 1, MAX_TERMINALS),
    maxSockets: integer("CARREL_TERMINAL_MAX_SOCKETS", 32, 1, 1000),
    scrollbackBytes: integer("CARREL_TERMINAL_SCROLLBACK_KIB", 256, 1, 16_384) * 1024,
    detachedTtlMs: integer("CARREL_TERMINAL_DETACHED_MINUTES", 240, 1, 24 * 60) * 60_000,
  };
  if (problems.length > 0) throw new CarrelError("CONFIG_INVALID", problems.join("; "));
  return config;
}
