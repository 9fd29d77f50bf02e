import { join } from "node:path";
import { runProcess } from "../process/run-process.ts";
import { type Failure, type RunResult, failureResult, mergeResults, testCount } from "../run-result.ts";
import { renderTally } from "../tally.ts";
import { findGoModules } from "./go-module.ts";
import { collectGoResults, type GoTestEvent } from "./go-results.ts";

/** What the Go tests are run with. */
export interface GoSuiteContext {
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Only modules whose path contains one of these; empty: all. */
  readonly filters: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Runs `go test` in each Go module below `tools`, in the packages that have tests. Undefined when none is wanted. */
export async function runGoSuite(context: GoSuiteContext): Promise<RunResult | undefined> {
  const { filters, print } = context;
  const modules = await findGoModules(context.root);
  const wanted = modules.filter((path) => filters.length === 0 || filters.some((text) => path.includes(text)));
  if (wanted.length === 0 && filters.length > 0) return undefined;
  const late = performance.now() + context.timeoutMs;
  const results: RunResult[] = [];
  for (const path of wanted) {
    const start = performance.now();
    const result = await runGoModule(path, { ...context, timeoutMs: Math.max(1, late - performance.now()) });
    results.push(result);
    if (testCount(result) === 0) continue;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    print(`  ${result.tally.failed > 0 ? "FAIL" : "ok  "}  ${path}: ${renderTally(result.tally)} in ${seconds} s`);
  }
  const result = mergeResults(results);
  return testCount(result) > 0 ? result : failureResult({ where: "go", name: "the suite ran no test", text: "" });
}

/** Packages with tests, a line each; empty lines for the others. */
const WITH_TESTS = "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}";

async function runGoModule(path: string, context: GoSuiteContext): Promise<RunResult> {
  const failure = (name: string, text: string): Failure => ({ where: path, name, text });
  const cwd = join(context.root, path);
  const environment = { ...context.environment, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" };
  const { timeoutMs, signal } = context;
  try {
    let listed = "";
    const onOutput = (text: string): void => void (listed += text);
    const list = await runProcess("go", ["list", "-f", WITH_TESTS, "./..."], {
      cwd,
      environment,
      timeoutMs,
      signal,
      onOutput,
    });
    if (list.status !== 0) return failureResult(failure(list.reason ?? "go list failed", list.output));
    // Among them stand lines such as "go: downloading …".
    const packages = listed.split("\n").filter((line) => /^[^\s:]+$/.test(line));
    if (packages.length === 0) return mergeResults([]);
    return await testPackages(path, packages, { cwd, environment, timeoutMs, signal });
  } catch (error) {
    return failureResult(failure("go cannot be run", String(error)));
  }
}

async function testPackages(
  path: string,
  packages: readonly string[],
  options: { cwd: string; environment: NodeJS.ProcessEnv; timeoutMs: number; signal: AbortSignal },
): Promise<RunResult> {
  let written = "";
  // The flags of the programs' own build, so that what it compiled is used again.
  const end = await runProcess("go", ["test", "-json", "-trimpath", "-p", "2", ...packages], {
    ...options,
    onOutput: (text) => void (written += text),
  });
  const lines = written.split("\n");
  const events = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as GoTestEvent);
  const result = collectGoResults(events);
  if (end.status === 0 || (result.tally.failed > 0 && end.reason === undefined)) return result;
  const text = lines.filter((line) => !line.startsWith("{")).join("\n");
  const name = end.reason ?? `go test ended with ${end.killedBy ?? `status ${end.status}`}`;
  return mergeResults([result, failureResult({ where: path, name, text })]);
}
