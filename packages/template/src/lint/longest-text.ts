import type { Parameter, SessionTemplateSpec } from "@carrel/api";
import type { LintFacts } from "./lint-facts.ts";
import { textParts } from "./text-parts.ts";

/** How long a text becomes. */
export interface TextLength {
  /** At least this long in every session. */
  readonly certain: number;
  /** As long as its parameters may make it; variables without a bound are left out. */
  readonly possible: number;
  /** How it may read; undefined when a variable's form is not known. */
  readonly sample: string | undefined;
}

/** Names are a letter and 20 characters of base32. */
const NAME = (first: string): string => `${first}${"x".repeat(20)}`;
const UID_LENGTH = 36;

/** How long a text with variables becomes in a session. */
export function longestText(text: string, { spec, name }: Pick<LintFacts, "spec" | "name">): TextLength {
  const lengths = textParts(text).map((part): TextLength => {
    if (typeof part === "string") return { certain: part.length, possible: part.length, sample: part };
    if (part.type === "call") return { certain: 0, possible: 0, sample: undefined };
    const fixed = fixedValue(part.name, spec, name);
    if (fixed !== undefined) return { certain: fixed.length, possible: fixed.length, sample: fixed };
    const parameter = spec.parameters.find((candidate) => `parameters.${candidate.name}` === part.name);
    return { certain: 0, possible: parameter === undefined ? 0 : longestValue(parameter), sample: undefined };
  });
  const sum = (of: (length: TextLength) => number): number => lengths.reduce((total, length) => total + of(length), 0);
  const samples = lengths.map(({ sample }) => sample);
  return {
    certain: sum(({ certain }) => certain),
    possible: sum(({ possible }) => possible),
    sample: samples.includes(undefined) ? undefined : samples.join(""),
  };
}

function fixedValue(variable: string, spec: SessionTemplateSpec, template: string): string | undefined {
  if (variable === "workspace.name" || variable === "session.namespace" || variable === "namespaces.primary")
    return NAME("w");
  if (variable === "session.name") return NAME("s");
  if (variable === "session.uid" || variable === "workspace.uid") return "0".repeat(UID_LENGTH);
  if (variable === "template.name") return template;
  const namespace = spec.namespaces.find(({ name }) => variable === `namespaces.${name}`);
  return namespace === undefined ? undefined : `${NAME("w")}-${namespace.name}`;
}

function longestValue({ type, enum: values, maxLength }: Parameter): number {
  if (values !== undefined) return Math.max(0, ...values.map((value) => value.length));
  return type === "bool" ? 5 : type === "int" ? Math.min(16, maxLength) : maxLength;
}
