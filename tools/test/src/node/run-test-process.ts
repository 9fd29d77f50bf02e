import { fileURLToPath } from "node:url";
import { runProcess } from "../process/run-process.ts";
import type { RunResult } from "../run-result.ts";
import { ResultCollector } from "./result-collector.ts";
import type { TestEvent } from "./test-event.ts";

/** How test files are run in one process. */
export interface RunTestProcessOptions {
  /** The repository: working directory, and what paths are relative to. */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly testTimeoutMs: number;
  readonly processTimeoutMs: number;
  /** How long the process may go on after its last test. */
  readonly lingerMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Receives each test as it ends, as one line. */
  readonly onTest?: (line: string) => void;
  readonly onOutput?: (text: string) => void;
}

const REPORTER = fileURLToPath(new URL("./reporter.ts", import.meta.url));

/**
 * Runs test files in one process and gives what came out. Whatever goes wrong is a failure in the result: a test, a
 * file that cannot be loaded or has no test, a crash, a hang, a process that does not end after its last test.
 */
export async function runTestProcess(files: readonly string[], options: RunTestProcessOptions): Promise<RunResult> {
  const { root, environment, lingerMs } = options;
  const collector = new ResultCollector(root, files.length === 1 ? (files[0] ?? "") : `${files.length} test files`);
  let linger: NodeJS.Timeout | undefined;
  const end = await runProcess(
    process.execPath,
    [
      "--test",
      // Files in one process: a process per file is ours to make, since Node gives it no deadline.
      "--test-isolation=none",
      `--test-timeout=${options.testTimeoutMs}`,
      `--test-reporter=${REPORTER}`,
      "--test-reporter-destination=stdout",
      ...files,
    ],
    {
      cwd: root,
      environment: testEnvironment(environment),
      timeoutMs: options.processTimeoutMs,
      signal: options.signal,
      ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
      onLine(line, kill) {
        const event = JSON.parse(line) as TestEvent;
        collector.add(event);
        if (event.type === "idle") {
          linger ??= setTimeout(() => kill(lingers(lingerMs, event.resources ?? [])), lingerMs);
        } else {
          clearTimeout(linger);
          linger = undefined;
        }
        const rendered = renderEvent(event);
        if (rendered !== undefined) options.onTest?.(rendered);
      },
    },
  );
  clearTimeout(linger);
  return collector.finish(end);
}

function lingers(lingerMs: number, resources: readonly string[]): string {
  const open = [...new Set(resources)].join(", ") || "something";
  return `the process did not end within ${lingerMs / 1000} s after its last test: ${open} still open`;
}

function renderEvent({ type, suite, skipped, name, nesting, durationMs = 0 }: TestEvent): string | undefined {
  if ((type !== "pass" && type !== "fail") || suite) return undefined;
  const verdict = skipped ? "skip" : type === "pass" ? "ok" : "FAIL";
  return `${"  ".repeat(nesting)}${verdict.padEnd(5)}${name} (${durationMs.toFixed(0)} ms)`;
}

/** Without what makes a nested `node --test` do nothing, and without colours in what is read by programs. */
function testEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _context, FORCE_COLOR: _color, NODE_OPTIONS: _options, ...rest } = environment;
  return { ...rest, NO_COLOR: "1" };
}
