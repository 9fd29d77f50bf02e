/**
 * The reporter of `node --test` that tells the runner what happens: JSON lines on file descriptor 3, so that whatever
 * tests print cannot disturb them.
 *
 * @module
 */
import { writeSync } from "node:fs";
import { inspect } from "node:util";
import type { TestEvent as NodeTestEvent } from "node:test/reporters";
import type { TestEvent } from "./test-event.ts";

const FD = 3;
/** How long nothing may happen after a test has ended before it is told what keeps the process alive. */
const IDLE_MS = 2000;

const TYPES: Readonly<Record<string, TestEvent["type"]>> = {
  "test:dequeue": "begin",
  "test:complete": "end",
  "test:start": "start",
  "test:pass": "pass",
  "test:fail": "fail",
  "test:diagnostic": "diagnostic",
  "test:summary": "summary",
};

/** The part of an event's data that is read here; which of it is there depends on the type. */
interface EventData {
  readonly name?: string;
  readonly message?: string;
  readonly nesting?: number;
  readonly file?: string;
  readonly line?: number;
  readonly skip?: boolean | string;
  readonly todo?: boolean | string;
  readonly details?: { readonly type?: string; readonly duration_ms?: number; readonly error?: TestFailure };
}

interface TestFailure extends Error {
  readonly failureType?: string;
}

/** See the module. Yields nothing. */
// oxlint-disable-next-line require-yield -- what it has to say does not go to standard output
export default async function* report(source: AsyncIterable<NodeTestEvent>): AsyncGenerator<never> {
  let running = 0;
  let idle: NodeJS.Timeout | undefined;
  for await (const { type: nodeType, data } of source) {
    const type = TYPES[nodeType];
    if (type === undefined) continue;
    send(toEvent(type, data as EventData));
    if (type === "begin") running++;
    if (type === "end") running--;
    clearTimeout(idle);
    // It does not keep the process alive, so it fires only in one that something else does.
    if (type === "pass" || type === "fail") {
      idle = setTimeout(() => {
        if (running <= 0) sendIdle();
      }, IDLE_MS).unref();
    }
  }
}

function toEvent(type: TestEvent["type"], data: EventData): TestEvent {
  const error = data.details?.error;
  return {
    type,
    name: data.name ?? data.message ?? "",
    nesting: data.nesting ?? 0,
    file: data.file,
    line: data.line,
    suite: data.details?.type === "suite",
    skipped: isMarked(data.skip) || isMarked(data.todo),
    failureType: error?.failureType,
    durationMs: data.details?.duration_ms,
    error: error === undefined ? undefined : renderError(error),
  };
}

/** `skip: true` and `skip: ""` mark a test, `skip: false` and its absence do not. */
function isMarked(mark: boolean | string | undefined): boolean {
  return mark !== undefined && mark !== false;
}

/** Node wraps what a test threw; a failed hook or a timeout comes as text. */
function renderError(error: TestFailure): string {
  const cause: unknown = error.cause ?? error;
  return typeof cause === "string" ? cause : inspect(cause, { depth: 8, maxStringLength: 20_000, breakLength: 120 });
}

function sendIdle(): void {
  const resources = process.getActiveResourcesInfo().filter((name) => name !== "CloseReq");
  send({ type: "idle", name: "", nesting: 0, suite: false, skipped: false, resources });
}

function send(event: TestEvent): void {
  const bytes = Buffer.from(`${JSON.stringify(event)}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(FD, bytes, at);
    } catch (error) {
      // The runner reads slower than we write.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
