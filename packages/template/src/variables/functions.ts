import { createHash } from "node:crypto";
import { htpasswdLine } from "./htpasswd-line.ts";
import type { VariableValue } from "./variables.ts";

/** What a function may know beside its arguments. */
export interface FunctionContext {
  /** Differs from workspace to workspace, and stays for the life of one. Not a secret. */
  readonly salt: string;
}

export interface TemplateFunction {
  readonly parameters: readonly string[];
  readonly means: string;
  /** @throws TextSyntaxError that says which argument is wrong. */
  readonly call: (values: readonly VariableValue[], context: FunctionContext) => string;
}

const text = (values: readonly VariableValue[], index: number): string => String(values[index] ?? "");

/**
 * The functions of template texts. Each is pure: the same values give the same text, so that an object rendered twice
 * is the same object. The result is a string always. The table in `docs/reference/templates.md` is generated from this.
 */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  base64: {
    parameters: ["x"],
    means: "The UTF-8 bytes of `x` in base64, e.g. for `data` of a Secret.",
    call: (values) => Buffer.from(text(values, 0)).toString("base64"),
  },
  sha256: {
    parameters: ["x"],
    means: "SHA-256 of `x` in hexadecimal, e.g. for an annotation that changes with a file.",
    call: (values) => createHash("sha256").update(text(values, 0)).digest("hex"),
  },
  json: {
    parameters: ["x"],
    means: "`x` as JSON: a string in quotes with escapes; an `int` or `bool` parameter as it is.",
    call: (values) => JSON.stringify(values[0]),
  },
  string: {
    parameters: ["x"],
    means: "`x` as text: for an `int` or `bool` parameter where Kubernetes wants a string, e.g. the value of an `env`.",
    call: (values) => text(values, 0),
  },
  lower: {
    parameters: ["x"],
    means: "`x` in lower case.",
    call: (values) => text(values, 0).toLowerCase(),
  },
  default: {
    parameters: ["x", "otherwise"],
    means: "`x`, or `otherwise` when `x` is empty.",
    call: (values) => text(values, text(values, 0) === "" ? 1 : 0),
  },
  htpasswd: {
    parameters: ["user", "password"],
    means:
      "A line of an htpasswd file, bcrypt; what the registry of CNCF Distribution reads. Password of at most 72 bytes.",
    call: (values, { salt }) => htpasswdLine(text(values, 0), text(values, 1), salt),
  },
  dockerConfig: {
    parameters: ["host", "user", "password"],
    means: "The `.dockerconfigjson` of a pull secret for one registry.",
    call: (values) => {
      const [host, username, password] = [text(values, 0), text(values, 1), text(values, 2)];
      const auth = Buffer.from(`${username}:${password}`).toString("base64");
      return JSON.stringify({ auths: { [host]: { username, password, auth } } });
    },
  },
};

/**
 * Calls a function that exists, with as many values as it has parameters.
 *
 * @throws TextSyntaxError that says which value is wrong.
 */
export function callFunction(name: string, values: readonly VariableValue[], context: FunctionContext): string {
  return FUNCTIONS[name]?.call(values, context) ?? "";
}
