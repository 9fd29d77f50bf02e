import { ensureProgram, type ProgramName } from "@carrel/cluster";
import { NODE_SUITES, type SuiteName } from "./suite.ts";

/** The programs that the suites need, each once. */
export function programsOf(suites: readonly SuiteName[]): ProgramName[] {
  return [...new Set(suites.flatMap((name) => (name === "go" ? [] : NODE_SUITES[name].programs)))];
}

/** Builds the programs that are not built yet, one after the other: each uses every core. @throws ClusterError. */
export async function preparePrograms(
  programs: readonly ProgramName[],
  options: { readonly signal: AbortSignal; readonly print: (line: string) => void },
): Promise<void> {
  for (const program of programs) {
    await ensureProgram(program, { signal: options.signal, onProgress: (line) => options.print(`  ${line}`) });
  }
}
