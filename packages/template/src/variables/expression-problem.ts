import { FUNCTIONS } from "./functions.ts";
import { parseText, type Expression, type TextPart } from "./parse-text.ts";
import { TextSyntaxError } from "./text-syntax-error.ts";

/** What is wrong with the form of a text: its grammar, the names of functions, the number of their arguments. */
export function expressionProblem(text: string): string | undefined {
  let parts: readonly TextPart[];
  try {
    parts = parseText(text);
  } catch (error) {
    if (error instanceof TextSyntaxError) return error.message;
    throw error;
  }
  for (const part of parts) {
    const problem = typeof part === "string" ? undefined : callProblem(part);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is wrong with the calls in an expression, if anything. */
export function callProblem(expression: Expression): string | undefined {
  if (expression.type !== "call") return undefined;
  const { function: name, arguments: given } = expression;
  const called = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (called === undefined) return `there is no function ${name}; there are ${Object.keys(FUNCTIONS).join(", ")}`;
  if (called.parameters.length !== given.length) {
    return `${name}(${called.parameters.join(", ")}) was given ${given.length} arguments`;
  }
  for (const argument of given) {
    const problem = callProblem(argument);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
