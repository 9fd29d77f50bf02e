import {
  API_VERSION,
  policyProfileSpecSchema,
  sessionTemplateSpecSchema,
  type PolicyProfileSpec,
  type SessionTemplateSpec,
} from "@carrel/api";
import { lintTemplate, schemaProblems, type Problem } from "@carrel/template";
import { LineCounter, parseAllDocuments, type Document } from "yaml";
import { z } from "zod";
import { lineAt, lineOf } from "./line-of.ts";
import { unknownFields } from "./unknown-fields.ts";

/** A file as it was read. */
export interface LintedFile {
  readonly name: string;
  readonly text: string;
}

/** A problem and where it stands. */
export interface FoundProblem extends Problem {
  readonly file: string;
  /** Of the field, or of what holds it; 1 is the first. */
  readonly line: number;
  /** Name of the template or profile; empty when it has none. */
  readonly name: string;
}

export interface LintResult {
  readonly problems: readonly FoundProblem[];
  readonly templates: number;
}

interface Read {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly kind: string;
  readonly name: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const headSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string().optional() }).optional(),
});
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Checks every SessionTemplate in the files as the API server and the webhook would, but without them. PolicyProfiles in
 * `files` and `profileFiles` with `ceiling: true` bound the templates; which profiles there are is taken to be known when
 * `profileFiles` are given. Documents of other kinds are passed over. Pure.
 */
export function lintFiles(files: readonly LintedFile[], profileFiles: readonly LintedFile[] = []): LintResult {
  const problems: FoundProblem[] = [];
  const read = [...files, ...profileFiles].flatMap((file) => readFile(file, problems));
  const profiles = new Map<string, PolicyProfileSpec>();
  for (const one of read.filter(({ kind }) => kind === "PolicyProfile")) {
    const { data, problems: misfits } = parseSpec(one, policyProfileSpecSchema);
    problems.push(...misfits.map((problem) => placed(problem, one)));
    if (data !== undefined) profiles.set(one.name, data);
  }
  const templates = read.filter(({ kind }) => kind === "SessionTemplate");
  for (const one of templates) {
    const found = lintOne(one, profiles, profileFiles.length > 0);
    problems.push(...found.map((problem) => placed(problem, one)));
  }
  const order = [...files, ...profileFiles].map(({ name }) => name);
  problems.sort((a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line);
  return { problems, templates: templates.length };
}

function lintOne(one: Read, profiles: ReadonlyMap<string, PolicyProfileSpec>, complete: boolean): readonly Problem[] {
  const named: readonly Problem[] = NAME.test(one.name)
    ? []
    : [error("schema", "metadata.name", "must be a DNS label: requests and labels carry it")];
  const { data, problems } = parseSpec(one, sessionTemplateSpecSchema);
  if (data === undefined) return [...named, ...problems];
  const spec = data as unknown as SessionTemplateSpec;
  const ceilings = [...profiles.values()].filter(({ ceiling }) => ceiling);
  const linted = lintTemplate({ metadata: { name: one.name }, spec }, { ceilings, ...(complete ? { profiles } : {}) });
  return [...named, ...problems, ...schemaProblems(spec), ...linted];
}

/** The spec with its defaults, if it fits the schema; fields that the schema does not know are problems. */
function parseSpec<T>(
  one: Read,
  schema: z.ZodType<T>,
): { readonly data: T | undefined; readonly problems: readonly Problem[] } {
  const given = one.content["spec"] ?? {};
  const { data, error: misfit } = schema.safeParse(given);
  if (data === undefined) {
    const problems = (misfit?.issues ?? []).map(({ path, message }) => {
      const field = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
      return error("schema", `spec${field}`, message);
    });
    return { data: undefined, problems };
  }
  const unknown = unknownFields(given, data, "spec");
  return { data, problems: unknown.map((path) => error("schema", path, "there is no such field")) };
}

function readFile({ name: file, text }: LintedFile, problems: FoundProblem[]): readonly Read[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines });
  return (Array.isArray(documents) ? documents : []).flatMap((document: Document): Read[] => {
    const [broken] = document.errors;
    if (broken !== undefined) {
      const { line } = lines.linePos(broken.pos[0]);
      problems.push({ ...error("yaml", "", broken.message.replace(/ at line \d[^]*$/, "")), file, line, name: "" });
      return [];
    }
    let content: unknown;
    try {
      content = document.toJS();
      // Fails for an alias that holds itself: JSON, which the API server is sent, has no such thing.
      JSON.stringify(content);
    } catch (cause) {
      const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
      const line = lineAt(document.contents?.range?.[0], lines);
      problems.push({ ...error("yaml", "", `its aliases cannot be followed: ${why}`), file, line, name: "" });
      return [];
    }
    const { data } = headSchema.safeParse(content);
    if (data === undefined || !data.apiVersion.startsWith("carrel.dev/")) return [];
    const read = { file, document, lines, kind: data.kind, name: data.metadata?.name ?? "", content: data };
    if (data.apiVersion === API_VERSION) return [read];
    problems.push(placed(error("schema", "apiVersion", `must be ${API_VERSION}`), read));
    return [];
  });
}

function error(rule: string, path: string, message: string): Problem {
  return { rule, path, message, severity: "error" };
}

function placed(problem: Problem, { file, document, lines, name }: Read): FoundProblem {
  return { ...problem, file, name, line: lineOf(document, lines, problem.path) };
}
