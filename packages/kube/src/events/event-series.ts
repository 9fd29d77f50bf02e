import type { Event } from "../client/resources/event.ts";
import type { EventInput } from "./event-input.ts";

/** Who reports. */
export interface EventReporter {
  /** Qualified name of the controller: `carrel.dev/provisioner`. */
  readonly controller: string;
  /** Which of its instances, e.g. the pod's name; at most 128 characters. */
  readonly instance: string;
}

/** An event and how often it has been seen. */
export interface EventSeries {
  readonly input: EventInput;
  /** Name of the Event object; another one is made when that has expired. */
  name: string;
  readonly firstSeenMs: number;
  lastSeenMs: number;
  count: number;
  /** The count that the API server knows; 0: nothing yet. */
  writtenCount: number;
  writtenAtMs: number;
  attempts: number;
}

const LONGEST_NOTE_BYTES = 1024;
/** Leaves room for the suffix in a name of 253. */
const LONGEST_STEM = 230;

/** Where the Event of an object lives: with it, or in `default` when that is cluster-scoped. */
export function eventNamespace(input: EventInput): string {
  return input.regarding.namespace ?? "default";
}

/** `<object>.<unique>`, as every recorder names its Events. */
export function eventName(input: EventInput, unique: string): string {
  return `${(input.regarding.name ?? "unknown").slice(0, LONGEST_STEM)}.${unique}`;
}

/** The Event object to create. Pure. */
export function renderEvent(series: EventSeries, reporter: EventReporter): Event {
  const { input } = series;
  return {
    metadata: { name: series.name, namespace: eventNamespace(input) },
    eventTime: microTime(series.firstSeenMs),
    type: input.type,
    reason: input.reason,
    action: input.action,
    note: cutNote(input.note),
    regarding: input.regarding,
    ...(input.related === undefined ? {} : { related: input.related }),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, 128),
    ...(series.count > 1 ? renderSeries(series) : {}),
  };
}

/** The merge patch for the Event of a series: all else of an Event is immutable. Pure. */
export function renderSeries(series: EventSeries): { series: { count: number; lastObservedTime: string } } {
  return { series: { count: series.count, lastObservedTime: microTime(series.lastSeenMs) } };
}

/** `metav1.MicroTime` wants six digits. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

/** The limit counts bytes; never cut inside a character. */
function cutNote(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= LONGEST_NOTE_BYTES) return note;
  const ellipsis = "…";
  let end = LONGEST_NOTE_BYTES - Buffer.byteLength(ellipsis);
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString("utf8") + ellipsis;
}
