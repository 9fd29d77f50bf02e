import { discoverTests, suiteOf } from "./discover-tests.ts";
import { runGoSuite } from "./go/run-go-suite.ts";
import { runNodeSuite } from "./node/run-node-suite.ts";
import type { TestArguments } from "./parse-arguments.ts";
import { machineProgramsOf, preparePrograms, programsOf } from "./prepare-programs.ts";
import { type RunResult, EMPTY_RESULT, failureResult, mergeResults } from "./run-result.ts";
import { GO_SUITE_TIMEOUT_MS, NODE_SUITES, type SuiteName } from "./suite.ts";
import { renderTally } from "./tally.ts";
import { withoutSharedClusters } from "./without-shared-clusters.ts";

/** What a run needs of the world. */
export interface RunTestsContext {
  /** The repository. */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the run: what runs is killed, the rest is not started and counts as failed. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Runs the suites that were asked for, prints every failure in full and, as the last line, the tally.
 * @returns what came out; the run is good when `tally.failed` is 0.
 */
export async function runTests(wanted: TestArguments, context: RunTestsContext): Promise<RunResult> {
  const { print, signal } = context;
  const files = await discoverTests(context.root, wanted.filters);
  const chosen = (suite: SuiteName): readonly string[] => files.filter((file) => suiteOf(file) === suite);
  // A filter that leaves a suite without files leaves the suite out.
  const suites = wanted.suites.filter(
    (suite) => suite === "go" || wanted.filters.length === 0 || chosen(suite).length > 0,
  );
  const results: RunResult[] = [];

  const programs = programsOf(suites);
  const machine = machineProgramsOf(suites);
  if (programs.length + machine.length > 0) {
    print("set-up");
    const setUp = await preparePrograms(programs, machine, context).then(
      () => EMPTY_RESULT,
      (error: unknown) => failureResult({ where: "set-up", name: "a program cannot be built", text: String(error) }),
    );
    results.push(setUp);
    if (setUp.tally.failed > 0) return finish(results, print);
  }
  for (const suite of suites) {
    const result =
      suite === "go" ? await runGo(wanted, context) : await runNodeFiles(suite, chosen(suite), wanted, context);
    if (result === undefined) continue;
    results.push(result);
    print(`${suite}: ${renderTally(result.tally)}\n`);
    if (signal.aborted) break;
  }
  if (results.every((result) => result === EMPTY_RESULT)) {
    const name = `no test file contains ${wanted.filters.map((text) => `"${text}"`).join(" or ")}`;
    results.push(failureResult({ where: wanted.suites.join(", "), name, text: "" }));
  }
  return finish(results, print);
}

function runNodeFiles(
  suite: Exclude<SuiteName, "go">,
  files: readonly string[],
  { verbose }: TestArguments,
  context: RunTestsContext,
): Promise<RunResult> {
  context.print(`${suite} (${files.length} files)`);
  const run = (): Promise<RunResult> => runNodeSuite(NODE_SUITES[suite], files, { ...context, verbose });
  return suite === "e2e" ? withoutSharedClusters(run, context.print) : run();
}

function runGo({ filters }: TestArguments, context: RunTestsContext): Promise<RunResult | undefined> {
  if (filters.length === 0) context.print("go");
  return runGoSuite({ ...context, filters, timeoutMs: GO_SUITE_TIMEOUT_MS });
}

function finish(results: readonly RunResult[], print: (line: string) => void): RunResult {
  const result = mergeResults(results);
  for (const [index, { where, name, text }] of result.failures.entries()) {
    print(`${index + 1}) ${where}\n   ${name}`);
    for (const line of text.trimEnd().split("\n")) print(line === "" ? "" : `     ${line}`);
    print("");
  }
  print(renderTally(result.tally));
  return result;
}
