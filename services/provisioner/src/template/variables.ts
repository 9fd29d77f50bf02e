import { ApiError } from "@carrel/api";

/** Values of template variables by name, e.g. `session.name`, `parameters.course`. */
export type Variables = Readonly<Record<string, string>>;

const REFERENCE = /\$(\$?)\(([^()]*)\)/g;

/**
 * Replaces every `$(name)` in the string values of a JSON tree, in one pass: inserted text is never scanned again, so
 * a user's value cannot smuggle a reference in. `$$(name)` becomes a literal `$(name)`. Keys are left alone.
 *
 * Kubernetes' own `$(ENV)` references in `command`, `args` and `env` look the same; write them `$$(ENV)`.
 *
 * @throws ApiError `INVALID` that lists every unknown name.
 */
export function renderVariables<T>(tree: T, variables: Variables): T {
  const unknown = new Set<string>();
  const rendered = walk(tree, (text) =>
    text.replace(REFERENCE, (match, escaped: string, name: string) => {
      if (escaped !== "") return match.slice(1);
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value === undefined) unknown.add(name);
      return value ?? match;
    }),
  ) as T;
  if (unknown.size > 0) {
    throw new ApiError(
      "INVALID",
      `unknown template variable: ${[...unknown].sort().join(", ")}; known are ${Object.keys(variables).sort().join(", ")}`,
    );
  }
  return rendered;
}

function walk(node: unknown, render: (text: string) => string): unknown {
  if (typeof node === "string") return render(node);
  if (Array.isArray(node)) return node.map((item) => walk(item, render));
  if (typeof node === "object" && node !== null) {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value, render)]));
  }
  return node;
}
