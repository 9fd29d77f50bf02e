import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import type { z } from "zod";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import { configLeaves, isRecord, type ConfigLeaf, type ValueSchema } from "./config-fields.ts";
import { redactText } from "./redact.ts";

/** Where a configuration comes from. */
export interface LoadConfigOptions {
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Path of a YAML or JSON file; default: `CARREL_CONFIG` of `env`. */
  readonly file?: string;
}

/** Variables that Kubernetes adds to pods for each Service (`enableServiceLinks`): not ours, even if called CARREL_…. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;
const FILE_VARIABLE = "CARREL_CONFIG";

/**
 * The configuration of a process: the schema's defaults, overridden by the file, overridden by the environment.
 *
 * Variables are derived from the keys (`nats.maxInFlight` is `CARREL_NATS_MAX_IN_FLIGHT`); lists are separated by
 * commas, maps are JSON. Unknown keys of the file and unknown `CARREL_` variables are refused, so that a typo never
 * means a default. The result is frozen, all the way down.
 *
 * @throws ConfigError with every bad key.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  options: LoadConfigOptions = {},
): z.output<Schema> {
  const env = options.env ?? process.env;
  const leaves = configLeaves(schema);
  const problems: ConfigProblem[] = [];

  const input = readFile(options.file ?? env[FILE_VARIABLE], problems);
  problems.push(...unknownKeys(input, leaves), ...unknownVariables(env, leaves));
  for (const leaf of leaves) {
    const text = env[leaf.env];
    if (text !== undefined) assign(input, leaf.path, fromText(text, leaf.schema));
    else if (leaf.parentsRequired) openParents(input, leaf.path);
  }
  // zod takes an object's default only as a whole: a key that is set must not lose its siblings' defaults.
  for (const leaf of leaves.filter(({ inherited }) => inherited !== undefined)) {
    const parent = lookUp(input, leaf.path.slice(0, -1));
    if (isRecord(parent) && lookUp(input, leaf.path) === undefined) assign(input, leaf.path, leaf.inherited);
  }

  const result = schema.safeParse(input);
  if (result.success && problems.length === 0) return freeze(result.data);
  for (const issue of result.error?.issues ?? []) {
    // Strict schemas report unknown keys as well: already done above, with the key's own path.
    if (issue.code === "unrecognized_keys") continue;
    problems.push(problemOf(issue, input, leaves));
  }
  throw new ConfigError(problems, { cause: result.error });
}

function readFile(file: string | undefined, problems: ConfigProblem[]): Record<string, unknown> {
  if (file === undefined || file === "") return {};
  try {
    const content: unknown = parseYaml(readFileSync(file, "utf8"));
    if (content === null || content === undefined) return {};
    if (isRecord(content)) return structuredClone(content);
    problems.push({ path: FILE_VARIABLE, message: `${file} must hold a map of keys` });
  } catch (error) {
    problems.push({
      path: FILE_VARIABLE,
      message: `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
  return {};
}

function unknownKeys(
  input: Record<string, unknown>,
  leaves: readonly ConfigLeaf[],
  path: readonly string[] = [],
): ConfigProblem[] {
  return Object.entries(input).flatMap(([name, value]) => {
    const here = [...path, name];
    const under = leaves.filter((leaf) => here.every((part, index) => leaf.path[index] === part));
    if (under.length === 0) {
      const allowed = new Set(
        leaves.filter((leaf) => path.every((part, i) => leaf.path[i] === part)).map((leaf) => leaf.path[path.length]),
      );
      return [{ path: here.join("."), message: `unknown key; known here: ${[...allowed].join(", ")}` }];
    }
    const opened = under.some((leaf) => leaf.path.length > here.length);
    return opened && isRecord(value) ? unknownKeys(value, leaves, here) : [];
  });
}

function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  leaves: readonly ConfigLeaf[],
): ConfigProblem[] {
  const known = new Set([FILE_VARIABLE, ...leaves.map((leaf) => leaf.env)]);
  return Object.keys(env)
    .filter((name) => name.startsWith("CARREL_") && !known.has(name) && !SERVICE_LINK.test(name))
    .map((name) => ({ path: name, message: `unknown variable; known: ${[...known].join(", ")}` }));
}

function fromText(text: string, schema: ValueSchema): unknown {
  if (schema.type === "integer" || schema.type === "number")
    return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
  if (schema.type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (schema.type === "array") {
    if (text.trim() === "") return [];
    if (text.trimStart().startsWith("[")) return fromJson(text);
    return text.split(",").map((item) => fromText(item.trim(), schema.items ?? {}));
  }
  if (schema.type === "object") return fromJson(text);
  return text;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const last = path.at(-1);
  if (last !== undefined) openParents(target, path)[last] = value;
}

function openParents(target: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  let node = target;
  for (const part of path.slice(0, -1)) {
    const next = node[part];
    const opened = isRecord(next) ? next : {};
    node[part] = opened;
    node = opened;
  }
  return node;
}

function lookUp(input: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, part) => (isRecord(node) || Array.isArray(node) ? (node as Record<string, unknown>)[part] : undefined),
    input,
  );
}

function problemOf(issue: z.core.$ZodIssue, input: unknown, leaves: readonly ConfigLeaf[]): ConfigProblem {
  const path = issue.path.map(String);
  const leaf = leaves.find((candidate) => candidate.path.every((part, index) => path[index] === part));
  const value = lookUp(input, path);
  const found = value === undefined ? "missing" : `is ${redactText(JSON.stringify(value)).slice(0, 120)}`;
  return {
    path: path.join(".") || "(configuration)",
    ...(leaf === undefined ? {} : { env: leaf.env }),
    message: leaf === undefined ? issue.message : `${found}; allowed: ${leaf.type} (${issue.message})`,
  };
}

function freeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}
