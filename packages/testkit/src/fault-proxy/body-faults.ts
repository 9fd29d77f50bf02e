import { systemClock } from "@carrel/std";
import type { Fault } from "./fault.ts";
import { Interruption } from "./interruption.ts";
import { type LineFault, lineStages } from "./line-faults.ts";

/** The body of an answer on its way to the client. */
export type Body = AsyncIterable<Buffer>;

const LINE_FAULTS: readonly Fault["kind"][] = [
  "gone",
  "drop-bookmarks",
  "duplicate-lines",
  "reorder-lines",
  "delay-lines",
];

/** Faults that work on whole lines: the answer must not be compressed, and loses its length. */
export function isLineFault(fault: Fault): fault is LineFault {
  return LINE_FAULTS.includes(fault.kind);
}

/**
 * The body with its faults: those of lines first, then throttle, then what ends it.
 * @throws Interruption while it is read, where a fault ends it.
 */
export function applyBodyFaults(body: Body, faults: readonly Fault[], random: () => number, signal: AbortSignal): Body {
  let current = lineStages(body, faults.filter(isLineFault), random, signal);
  for (const fault of faults) {
    if (fault.kind === "throttle") current = throttle(current, fault.bytesPerSecond, signal);
  }
  for (const fault of faults) {
    if (fault.kind === "cut" || fault.kind === "freeze") current = interrupt(current, fault.afterBytes, fault.kind);
  }
  return current;
}

async function* interrupt(body: Body, afterBytes: number, how: "cut" | "freeze"): AsyncGenerator<Buffer> {
  let left = afterBytes;
  if (left <= 0) throw new Interruption(how);
  for await (const chunk of body) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      throw new Interruption(how);
    }
    left -= chunk.length;
    yield chunk;
  }
}

async function* throttle(body: Body, bytesPerSecond: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  // Twenty pieces a second are smooth enough to look like a slow line.
  const pieceBytes = Math.max(1, Math.floor(bytesPerSecond / 20));
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      await systemClock.sleep((piece.length / bytesPerSecond) * 1000, signal);
      yield piece;
    }
  }
}
