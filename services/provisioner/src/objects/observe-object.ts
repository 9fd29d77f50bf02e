import type { TemplateObject } from "@carrel/api";
import type { KubeObject } from "@carrel/kube";
import { readPath } from "./read-path.ts";

/** What must hold of an object before it counts as ready, and what others want to know of it. */
export type Awaited = Pick<TemplateObject, "waitFor" | "outputs">;

/** What was seen of an object. */
export type ObjectObservation =
  | {
      readonly state: "ready";
      /** By field, as text. */
      readonly outputs: Readonly<Record<string, string>>;
    }
  | {
      readonly state: "waiting";
      /** What is missing, with what was seen instead. */
      readonly message: string;
    }
  | {
      /** It can never become ready. */
      readonly state: "failed";
      readonly message: string;
    };

/** The longest value of an output, in characters. */
const MAX_OUTPUT = 4096;
/** As much of a value as a message shows. */
const SHOWN = 200;

/** Judges an object by its template's `waitFor` and `outputs`. Pure. */
export function observeObject(object: KubeObject, { waitFor, outputs }: Awaited): ObjectObservation {
  const missing = waitFor === undefined ? undefined : missingOf(object, waitFor);
  if (missing !== undefined) return { state: "waiting", message: missing };
  const values: Record<string, string> = {};
  for (const [field, path] of Object.entries(outputs)) {
    const value = readPath(object, path);
    if (isAbsent(value)) return { state: "waiting", message: `output ${field}: ${path} is not there` };
    if (typeof value === "object") return { state: "failed", message: `output ${field}: ${path} is no plain value` };
    const text = String(value as string | number | boolean);
    if (text.length > MAX_OUTPUT) {
      return { state: "failed", message: `output ${field}: ${path} has more than ${MAX_OUTPUT} characters` };
    }
    values[field] = text;
  }
  return { state: "ready", outputs: values };
}

function missingOf(object: KubeObject, waitFor: NonNullable<Awaited["waitFor"]>): string | undefined {
  if (waitFor.condition !== undefined) return missingCondition(object, waitFor.condition);
  const path = waitFor.path ?? "";
  const value = readPath(object, path);
  if (waitFor.value === undefined) return isAbsent(value) ? `${path} is not there` : undefined;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value as string);
  if (value !== undefined && text === waitFor.value) return undefined;
  // A status is read by many who may not read Secrets.
  const shown = object.kind === "Secret" ? "something else" : shorten(text);
  return `${path} is ${isAbsent(value) ? "not there" : shown}, not ${waitFor.value}`;
}

function missingCondition(object: KubeObject, type: string): string | undefined {
  const conditions = readPath(object, "status.conditions");
  const found = (Array.isArray(conditions) ? (conditions as unknown[]) : []).find(
    (condition) => readPath(condition, "type") === type,
  );
  if (found === undefined) return `the condition ${type} is not there`;
  const status = readPath(found, "status");
  if (status === "True") {
    const observed = readPath(found, "observedGeneration") ?? readPath(object, "status.observedGeneration");
    const { generation } = object.metadata;
    if (typeof observed !== "number" || generation === undefined || observed >= generation) return undefined;
    return `the condition ${type} is that of an older state`;
  }
  const why = [readPath(found, "reason"), readPath(found, "message")].filter((text) => typeof text === "string");
  const said = why.length === 0 ? "" : ` (${shorten(why.join(": "))})`;
  return `the condition ${type} is ${shorten(String(status as string))}${said}`;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function shorten(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
