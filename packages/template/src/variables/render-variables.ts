import { ApiError } from "@carrel/api";
import { callProblem } from "./expression-problem.ts";
import { callFunction } from "./functions.ts";
import { mapStrings } from "./map-strings.ts";
import { parseText, type CallExpression, type Expression } from "./parse-text.ts";
import { TextSyntaxError } from "./text-syntax-error.ts";
import { stageOfName } from "./variable-table.ts";
import type { Variables, VariableValue } from "./variables.ts";

/** What all texts of one tree may grow to together, in characters: an object of the API server is hardly larger. */
export const MAX_RENDERED_LENGTH = 1_000_000;
/** How many problems a message lists. */
const MAX_PROBLEMS = 10;

/**
 * Replaces each `$(expression)` in the string values of a JSON tree (grammar: `parseText`), in one pass: inserted text
 * is never read again, so a user's value cannot smuggle a reference in. `$$(` becomes a literal `$(`. Keys are left
 * alone. A value that is one reference and nothing else takes the type of the variable (see `typedVariables`).
 *
 * Kubernetes' own `$(ENV)` references in `command`, `args` and `env` look the same; write them `$$(ENV)`.
 *
 * @param path where the tree stands, for messages.
 * @throws ApiError `INVALID` that lists each mistake with its path: unknown variable or function, one known only at
 * claim, a malformed expression, wrong arguments, a result of more than {@link MAX_RENDERED_LENGTH} characters.
 */
export function renderVariables<T>(tree: T, variables: Variables, path = ""): T {
  const renderer = new Renderer(variables);
  const rendered = mapStrings(tree, path, (text, place) => renderer.text(text, place)) as T;
  renderer.assertNoProblems();
  return rendered;
}

class Renderer {
  readonly #variables: Variables;
  readonly #problems: string[] = [];
  #length = 0;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  text(text: string, path: string): VariableValue {
    // Most texts of a template have no reference.
    if (!text.includes("$(")) return this.#counted(text, path);
    try {
      const parts = parseText(text);
      const [only] = parts;
      if (parts.length === 1 && only !== undefined && typeof only !== "string") {
        return this.#counted(this.#evaluate(only), path);
      }
      // Part by part: together they may be longer than memory has room for.
      return parts
        .map((part) => String(this.#counted(typeof part === "string" ? part : String(this.#evaluate(part)), path)))
        .join("");
    } catch (error) {
      if (!(error instanceof TextSyntaxError)) throw error;
      this.#problems.push(`${path}: ${error.message}`);
      return text;
    }
  }

  assertNoProblems(): void {
    const problems = this.#problems;
    if (problems.length === 0) return;
    const more = problems.length > MAX_PROBLEMS ? `; and ${problems.length - MAX_PROBLEMS} more` : "";
    throw new ApiError("INVALID", `${problems.slice(0, MAX_PROBLEMS).join("; ")}${more}`);
  }

  #counted(value: VariableValue, path: string): VariableValue {
    this.#length += typeof value === "string" ? value.length : 0;
    if (this.#length > MAX_RENDERED_LENGTH) {
      throw new ApiError(
        "INVALID",
        `${path}: with its variables the text is longer than ${MAX_RENDERED_LENGTH} characters`,
      );
    }
    return value;
  }

  #evaluate(expression: Expression): VariableValue {
    if (expression.type === "literal") return expression.value;
    if (expression.type === "call") return this.#call(expression);
    const value = this.#valueOf(expression.name);
    if (value !== undefined) return value;
    throw new TextSyntaxError(this.#unknown(expression.name));
  }

  #valueOf(name: string): VariableValue | undefined {
    if (Object.hasOwn(this.#variables, name)) return this.#variables[name];
    // Which facts a user has differs from user to user: a missing one is empty, not a mistake of the template.
    return name.startsWith("user.claims.") && Object.hasOwn(this.#variables, "user.id") ? "" : undefined;
  }

  #unknown(name: string): string {
    if (stageOfName(name) === "claim") return `$(${name}) is known only once a user has the session, and not here`;
    return `there is no variable ${name}`;
  }

  #call(expression: CallExpression): string {
    const problem = callProblem(expression);
    if (problem !== undefined) throw new TextSyntaxError(problem);
    const values = expression.arguments.map((argument) => this.#evaluate(argument));
    return callFunction(expression.function, values, { salt: String(this.#variables["workspace.uid"] ?? "") });
  }
}
