import { ensureProgram, ensureSystemPrograms, type ProgramName, type SystemProgram } from "@carrel/cluster";
import { NODE_SUITES, type SuiteName } from "./suite.ts";

/** The programs that the suites need, each once. */
export function programsOf(suites: readonly SuiteName[]): ProgramName[] {
  return [...new Set(suites.flatMap((name) => (name === "go" ? [] : NODE_SUITES[name].programs)))];
}

/** What the tests of a suite run of the machine's own programs; what starts a cluster or builds an image sees to its own. */
const MACHINE_PROGRAMS: Readonly<Record<SuiteName, readonly SystemProgram[]>> = {
  unit: [],
  go: ["go", "nft", "ip"],
  integration: ["setpriv", "runc", "nft", "ip", "umount", "chromium"],
  e2e: ["chromium"],
};

/** The programs of the machine that the suites need. */
export function machineProgramsOf(suites: readonly SuiteName[]): SystemProgram[] {
  return [...new Set(suites.flatMap((name) => MACHINE_PROGRAMS[name]))];
}

/**
 * Installs (as root on Debian) or names what the machine lacks, then builds the programs that are not built yet, one
 * after the other: each uses every core. @throws ClusterError.
 */
export async function preparePrograms(
  programs: readonly ProgramName[],
  machine: readonly SystemProgram[],
  options: { readonly signal: AbortSignal; readonly print: (line: string) => void },
): Promise<void> {
  const progress = { signal: options.signal, onProgress: (line: string) => options.print(`  ${line}`) };
  await ensureSystemPrograms(machine, progress);
  for (const program of programs) {
    await ensureProgram(program, progress);
  }
}
