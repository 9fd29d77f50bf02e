import { isAbsolute, relative, resolve } from "node:path";
import type { ProcessEnd } from "../process/run-process.ts";
import type { Failure, RunResult } from "../run-result.ts";
import type { TestEvent } from "./test-event.ts";

/** The most of what a process wrote that is printed with a failure, in characters. */
const MAX_OUTPUT = 8000;

/** What Node says at the end of every run. */
const NODES_TOTALS = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

/** Turns the events of one test process, and how it ended, into a result. Pure but for its own state. */
export class ResultCollector {
  readonly #root: string;
  readonly #where: string;
  readonly #names: string[] = [];
  readonly #running: TestEvent[] = [];
  readonly #failures: Failure[] = [];
  readonly #diagnostics: string[] = [];
  #passed = 0;
  #skipped = 0;
  #summarized = false;

  /** `root`: the directory that paths are relative to. `where`: the file, or what the process runs. */
  constructor(root: string, where: string) {
    this.#root = root;
    this.#where = where;
  }

  add(event: TestEvent): void {
    switch (event.type) {
      case "begin":
        this.#running.push(event);
        break;
      case "end":
        this.#ended(event);
        break;
      case "start":
        this.#names.length = event.nesting;
        this.#names.push(event.name);
        break;
      case "pass":
        this.#pass(event);
        break;
      case "fail":
        this.#fail(event);
        break;
      case "diagnostic":
        if (!NODES_TOTALS.test(event.name)) this.#diagnostics.push(event.name);
        break;
      case "summary":
        this.#summarized = true;
        break;
      case "idle":
        break;
    }
  }

  /** True while a test runs. */
  get busy(): boolean {
    return this.#running.length > 0;
  }

  /** The result, once the process has ended. */
  finish(end: ProcessEnd): RunResult {
    const failures = [...this.#failures];
    const problem = this.#problem(end);
    const notes = this.#notes(end);
    const last = failures.at(-1);
    if (problem !== undefined) failures.push({ where: this.#where, name: problem, text: notes });
    else if (last !== undefined && notes !== "")
      failures[failures.length - 1] = { ...last, text: `${last.text}\n${notes}` };
    return { tally: { passed: this.#passed, failed: failures.length, skipped: this.#skipped }, failures };
  }

  /** What is wrong with the process as a whole. */
  #problem(end: ProcessEnd): string | undefined {
    const now = this.#running.map(({ name }) => `"${name}"`).join(", ");
    if (end.reason !== undefined) return now === "" ? end.reason : `${end.reason}, while it ran ${now}`;
    const how = end.killedBy ?? `status ${end.status}`;
    if (!this.#summarized)
      return `the process ended with ${how} before its tests did${now === "" ? "" : `, in ${now}`}`;
    if (this.#passed + this.#failures.length + this.#skipped === 0) return "ran no test";
    if (end.status !== 0 && this.#failures.length === 0) return `an error outside of any test ended it with ${how}`;
    return undefined;
  }

  #notes(end: ProcessEnd): string {
    const output = end.output.trim();
    const parts = this.#diagnostics.map((line) => `diagnostic: ${line}`);
    if (output !== "")
      parts.push(`it wrote:\n${output.length > MAX_OUTPUT ? `[…]${output.slice(-MAX_OUTPUT)}` : output}`);
    return parts.join("\n");
  }

  #ended(event: TestEvent): void {
    const at = this.#running.findLastIndex(
      ({ name, nesting, file }) => name === event.name && nesting === event.nesting && file === event.file,
    );
    if (at >= 0) this.#running.splice(at, 1);
  }

  #pass(event: TestEvent): void {
    if (event.suite) return;
    // Node reports a file without tests as one that passed.
    if (this.#isFile(event)) this.#failures.push({ where: this.#place(event, false), name: "ran no test", text: "" });
    else if (event.skipped) this.#skipped++;
    else this.#passed++;
  }

  #fail(event: TestEvent): void {
    // What failed in it is counted already.
    if (event.failureType === "subtestsFailed") return;
    if (event.skipped) this.#skipped++;
    else if (this.#isFile(event)) {
      const name = "the file cannot be loaded";
      this.#failures.push({ where: this.#place(event, false), name, text: event.error ?? "" });
    } else {
      const name = this.#names.slice(0, event.nesting + 1).join(" > ") || event.name;
      this.#failures.push({ where: this.#place(event, true), name, text: event.error ?? "" });
    }
  }

  #isFile({ nesting, name, file }: TestEvent): boolean {
    return nesting === 0 && file !== undefined && (isAbsolute(name) ? name : resolve(this.#root, name)) === file;
  }

  #place({ file, line }: TestEvent, withLine: boolean): string {
    if (file === undefined) return this.#where;
    return `${relative(this.#root, file)}${withLine && line !== undefined ? `:${line}` : ""}`;
  }
}
