import { systemClock } from "@carrel/std";
import type { Body } from "./body-faults.ts";
import type { Fault } from "./fault.ts";
import { statusObject } from "./status-object.ts";

/** Faults of the lines of a watch. */
export type LineFault = Extract<
  Fault,
  { kind: "gone" | "drop-bookmarks" | "duplicate-lines" | "reorder-lines" | "delay-lines" }
>;

/** How long a line waits for the next one to change places with. */
const REORDER_HOLD_MS = 200;
/** The most lines that {@link delayLines} holds. */
const MAX_DELAYED_LINES = 100_000;

type Lines = AsyncIterable<string>;

/** Applies the faults, in the order given, to a body of JSON lines. */
export function lineStages(body: Body, faults: readonly LineFault[], random: () => number, signal: AbortSignal): Body {
  if (faults.length === 0) return body;
  let lines: Lines = splitLines(body);
  for (const fault of faults) lines = lineStage(lines, fault, random, signal);
  return toBytes(lines);
}

function lineStage(lines: Lines, fault: LineFault, random: () => number, signal: AbortSignal): Lines {
  switch (fault.kind) {
    case "gone":
      return goneAfter(lines, fault.afterLines);
    case "drop-bookmarks":
      return dropBookmarks(lines);
    case "duplicate-lines":
      return duplicateLines(lines, fault.probability, random);
    case "reorder-lines":
      return reorderLines(lines, fault.probability, random, signal);
    case "delay-lines":
      return delayLines(lines, fault.ms, signal);
  }
}

async function* splitLines(body: Body): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

async function* toBytes(lines: Lines): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(`${line}\n`);
}

async function* goneAfter(lines: Lines, afterLines: number): AsyncGenerator<string> {
  let left = afterLines;
  if (left > 0) {
    for await (const line of lines) {
      yield line;
      if (--left === 0) break;
    }
    // The watch ended before its fault came.
    if (left > 0) return;
  }
  yield JSON.stringify({ type: "ERROR", object: statusObject(410, "Expired", "too old resource version: 1 (2)") });
}

async function* dropBookmarks(lines: Lines): AsyncGenerator<string> {
  for await (const line of lines) if (!/^\s*\{\s*"type"\s*:\s*"BOOKMARK"/.test(line)) yield line;
}

async function* duplicateLines(lines: Lines, probability: number, random: () => number): AsyncGenerator<string> {
  for await (const line of lines) {
    yield line;
    if (random() < probability) yield line;
  }
}

async function* reorderLines(
  lines: Lines,
  probability: number,
  random: () => number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const source = lines[Symbol.asyncIterator]();
  const read = (): Promise<IteratorResult<string>> => {
    const result = source.next();
    // Read ahead: whoever stops early never looks at it.
    result.catch(() => undefined);
    return result;
  };
  let next = read();
  for (;;) {
    const first = await next;
    if (first.done === true) return;
    next = read();
    if (random() >= probability) {
      yield first.value;
      continue;
    }
    const hold = new AbortController();
    const held = systemClock.sleep(REORDER_HOLD_MS, AbortSignal.any([hold.signal, signal])).catch(() => undefined);
    const second = await Promise.race([next, held]);
    hold.abort();
    if (second !== undefined && second.done !== true) {
      yield second.value;
      next = read();
    }
    yield first.value;
  }
}

async function* delayLines(lines: Lines, ms: number, signal: AbortSignal): AsyncGenerator<string> {
  const held: { readonly line: string; readonly dueMs: number }[] = [];
  let wake = Promise.withResolvers<void>();
  let ended = false;
  const reading = (async () => {
    try {
      for await (const line of lines) {
        held.push({ line, dueMs: systemClock.monotonic() + ms });
        wake.resolve();
        while (held.length >= MAX_DELAYED_LINES) await systemClock.sleep(10, signal);
      }
    } finally {
      ended = true;
      wake.resolve();
    }
  })();
  reading.catch(() => undefined);
  for (;;) {
    const next = held.shift();
    if (next !== undefined) {
      await systemClock.sleep(Math.max(0, next.dueMs - systemClock.monotonic()), signal);
      yield next.line;
    } else if (ended) break;
    else {
      await wake.promise;
      wake = Promise.withResolvers<void>();
    }
  }
  await reading;
}
