import { type RunResult, failureResult, mergeResults, testCount } from "../run-result.ts";
import type { NodeSuite } from "../suite.ts";
import { renderTally } from "../tally.ts";
import { runTestProcess } from "./run-test-process.ts";

/** What a suite of test files is run with. */
export interface NodeSuiteContext {
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly verbose: boolean;
  readonly signal: AbortSignal;
  /** Receives lines for people. */
  readonly print: (line: string) => void;
}

/** Runs the files of a suite as it says, and gives what came out. */
export async function runNodeSuite(
  suite: NodeSuite,
  files: readonly string[],
  context: NodeSuiteContext,
): Promise<RunResult> {
  const { verbose, print } = context;
  const deadline = new AbortController();
  const late = setTimeout(
    () => deadline.abort(new Error(`the suite took more than ${suite.suiteTimeoutMs / 1000} s`)),
    suite.suiteTimeoutMs,
  );
  const signal = AbortSignal.any([deadline.signal, context.signal]);
  const batches = suite.processes === "one" ? [files] : files.map((file) => [file]);
  const results: RunResult[] = batches.map(() => mergeResults([]));
  const remaining = [...batches.entries()];

  const work = async (): Promise<void> => {
    for (let next = remaining.shift(); next !== undefined; next = remaining.shift()) {
      const [index, batch] = next;
      const title = batch.length === 1 ? (batch[0] ?? "") : `${batch.length} files`;
      const start = performance.now();
      results[index] = signal.aborted
        ? failureResult({ where: title, name: `not run: ${(signal.reason as Error).message}`, text: "" })
        : await runTestProcess(batch, {
            ...suite,
            root: context.root,
            environment: context.environment,
            signal,
            ...(verbose ? { onTest: (line) => print(`    ${line}`), onOutput: printLines(print) } : {}),
          });
      const { tally } = results[index];
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      print(`  ${tally.failed > 0 ? "FAIL" : "ok  "}  ${title}: ${renderTally(tally)} in ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: suite.concurrency }, work));
  clearTimeout(late);
  const result = mergeResults(results);
  if (testCount(result) > 0) return result;
  return failureResult({ where: suite.name, name: "the suite ran no test", text: "" });
}

function printLines(print: (line: string) => void): (text: string) => void {
  return (text) => {
    for (const line of text.replace(/\n$/, "").split("\n")) print(`    | ${line}`);
  };
}
