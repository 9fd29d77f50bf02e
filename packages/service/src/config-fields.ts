import { CarrelError } from "@carrel/std";
import { z } from "zod";

/** One key of a configuration, as the reference page shows it. */
export interface ConfigField {
  /** Dotted path in the file, e.g. `nats.servers`. */
  readonly key: string;
  /** Name of the environment variable, e.g. `CARREL_NATS_SERVERS`. */
  readonly env: string;
  /** What is allowed, in words. */
  readonly type: string;
  readonly required: boolean;
  /** As JSON would write it; absent when there is none. */
  readonly default?: unknown;
  /** The schema's description. */
  readonly doc: string;
}

/** The part of JSON Schema that zod emits for a configuration. */
export interface ValueSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly required?: readonly string[];
  readonly items?: ValueSchema;
  readonly anyOf?: readonly ValueSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: string | number | boolean | null;
  readonly default?: unknown;
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** A {@link ConfigField} with its place in the tree and its schema. */
export interface ConfigLeaf extends ConfigField {
  readonly path: readonly string[];
  readonly schema: ValueSchema;
  /** The objects around it must be there even if nobody sets one of their keys. */
  readonly parentsRequired: boolean;
  /** What the default of an object around it says of this key. */
  readonly inherited?: unknown;
}

const SECRET_KEY = /(password|secret|token|seed|credentials?|api-?key|private-?key)$/i;

/**
 * The rows of the reference page of a configuration, in the schema's order. Objects are opened; lists and records are
 * one row.
 */
export function describeConfig(schema: z.ZodObject): ConfigField[] {
  return configLeaves(schema).map(({ key, env, type, required, doc, ...leaf }) => ({
    key,
    env,
    type,
    required,
    doc,
    ...("default" in leaf ? { default: leaf.default } : {}),
  }));
}

/**
 * Every key of a configuration.
 * @throws CarrelError `INVALID_SCHEMA` when a key is named like a secret: configurations carry the path of a file
 * with the secret (`…File`), never the secret, so that they can be printed.
 */
export function configLeaves(schema: z.ZodObject): ConfigLeaf[] {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as ValueSchema;
  const leaves = [...walk(root, [], { required: true, parentsRequired: true })];
  const secret = leaves.find(({ key }) => SECRET_KEY.test(key));
  if (secret !== undefined) {
    throw new CarrelError(
      "INVALID_SCHEMA",
      `${secret.key} would hold a secret; take the path of a file: ${secret.key}File`,
    );
  }
  return leaves;
}

interface Place {
  readonly required: boolean;
  readonly parentsRequired: boolean;
  readonly inherited?: unknown;
}

function* walk(node: ValueSchema, path: readonly string[], place: Place): Iterable<ConfigLeaf> {
  const value = place.inherited ?? node.default;
  if (node.type === "object" && node.properties !== undefined) {
    for (const [name, child] of Object.entries(node.properties)) {
      yield* walk(child, [...path, name], {
        required: place.required && (node.required?.includes(name) ?? false),
        parentsRequired: place.required,
        inherited: isRecord(value) ? value[name] : undefined,
      });
    }
    return;
  }
  yield {
    key: path.join("."),
    env: envName(path),
    type: typeText(node),
    required: place.required && value === undefined,
    ...(value === undefined ? {} : { default: value }),
    doc: node.description ?? "",
    path,
    schema: node,
    parentsRequired: place.parentsRequired,
    inherited: place.inherited,
  };
}

/** `["nats", "maxInFlight"]` → `CARREL_NATS_MAX_IN_FLIGHT`. */
export function envName(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[^a-zA-Z0-9]+/g, "_"));
  return `CARREL_${words.join("_").toUpperCase()}`;
}

/** What a value may be, in words: `integer 1…10`, `one of debug, info`, `list of URL`. */
export function typeText(schema: ValueSchema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.map(String).join(", ")}`;
  if (schema.const !== undefined) return `exactly ${schema.const}`;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(" or ");
  if (schema.type === "array") return `list of ${typeText(schema.items ?? {})}`;
  if (schema.type === "object") return "map";
  if (schema.type === "integer" || schema.type === "number") return `${schema.type}${rangeText(schema)}`;
  if (schema.format === "uri") return "URL";
  if (schema.pattern !== undefined) return `string matching ${schema.pattern}`;
  return schema.type ?? "string";
}

function rangeText(schema: ValueSchema): string {
  // zod bounds every integer by the safe integers; nobody needs to read that.
  const given = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER;
  const low = given(schema.minimum)
    ? `≥ ${schema.minimum}`
    : given(schema.exclusiveMinimum)
      ? `> ${schema.exclusiveMinimum}`
      : "";
  const high = given(schema.maximum)
    ? `≤ ${schema.maximum}`
    : given(schema.exclusiveMaximum)
      ? `< ${schema.exclusiveMaximum}`
      : "";
  return [low, high]
    .filter((bound) => bound !== "")
    .map((bound) => ` ${bound}`)
    .join("");
}

/** True for a plain object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
