import type { Failure, RunResult } from "../run-result.ts";

/** One line of `go test -json` (see `go doc test2json`). */
export interface GoTestEvent {
  readonly Action: string;
  readonly Package?: string;
  readonly ImportPath?: string;
  readonly Test?: string;
  readonly Output?: string;
}

/**
 * Turns the events of `go test -json` into a result. Tests with subtests are not counted themselves; a package that
 * failed without a failed test (it does not compile, it panicked, it ran out of time) counts as one failure.
 */
export function collectGoResults(events: readonly GoTestEvent[]): RunResult {
  const outcomes = new Map<string, { readonly pkg: string; readonly test: string; readonly action: string }>();
  const output = new Map<string, string>();
  const failedPackages = new Set<string>();
  for (const { Action: action, Package: pkg, ImportPath: importPath, Test: test, Output: text = "" } of events) {
    const key = keyOf(pkg ?? importPath ?? "", test);
    if (action === "output" || action === "build-output") output.set(key, (output.get(key) ?? "") + text);
    else if (!["pass", "fail", "skip"].includes(action) || pkg === undefined) continue;
    else if (test !== undefined) outcomes.set(key, { pkg, test, action });
    else if (action === "fail") failedPackages.add(pkg);
  }

  const leaves = [...outcomes.values()].filter(
    ({ pkg, test }) => ![...outcomes.keys()].some((key) => key.startsWith(keyOf(pkg, `${test}/`))),
  );
  const failed = leaves.filter(({ action }) => action === "fail");
  const failures: Failure[] = failed.map(({ pkg, test }) => ({
    where: pkg,
    name: test,
    text: output.get(keyOf(pkg, test)) ?? "",
  }));
  for (const pkg of failedPackages) {
    if (failed.some((test) => test.pkg === pkg)) continue;
    // The compiler's words come under the package's name, or that of its test variant: `pkg [pkg.test]`.
    const words = [...output].filter(([key]) => key === keyOf(pkg, undefined) || key.startsWith(`${pkg} [`));
    failures.push({ where: pkg, name: "the package failed", text: words.map(([, text]) => text).join("") });
  }
  const count = (action: string): number => leaves.filter((leaf) => leaf.action === action).length;
  return { tally: { passed: count("pass"), failed: failures.length, skipped: count("skip") }, failures };
}

function keyOf(pkg: string, test: string | undefined): string {
  return test === undefined ? pkg : `${pkg}\n${test}`;
}
