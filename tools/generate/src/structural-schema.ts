import { z } from "zod";

type Json = { [key: string]: unknown };

/** Keys that zod emits and that Kubernetes' structural schemas refuse or do not need. */
const DROPPED = new Set(["$schema", "propertyNames", "id", "readOnly"]);

/**
 * The structural OpenAPI v3 schema of a zod schema, as a CRD takes it.
 *
 * Kubernetes refuses `additionalProperties: false` beside `properties` (unknown fields are pruned or, with strict
 * validation, refused anyway), and integers outside int64's safe range add nothing.
 */
export function structuralSchema(schema: z.ZodType): Json {
  return clean(z.toJSONSchema(schema, { target: "openapi-3.0", io: "input" }) as Json);
}

function clean(node: Json): Json {
  const out: Json = {};
  for (const [key, value] of Object.entries(node)) {
    if (DROPPED.has(key) || (key === "additionalProperties" && value === false)) continue;
    if ((key === "minimum" || key === "maximum") && Math.abs(value as number) >= Number.MAX_SAFE_INTEGER) continue;
    out[key] = key === "properties" ? mapValues(value as Json) : cleanValue(key, value);
  }
  if (out["type"] === "integer") out["format"] = "int64";
  if (out["x-kubernetes-preserve-unknown-fields"] === true) delete out["additionalProperties"];
  return out;
}

function cleanValue(key: string, value: unknown): unknown {
  if (key === "default" || key === "enum" || key.startsWith("x-kubernetes-")) return value;
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? clean(item) : (item as unknown)));
  return isObject(value) ? clean(value) : value;
}

function mapValues(properties: Json): Json {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, clean(value as Json)]));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
