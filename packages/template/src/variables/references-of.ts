import { mapStrings } from "./map-strings.ts";
import { parseText, type Expression, type TextPart } from "./parse-text.ts";
import { TextSyntaxError } from "./text-syntax-error.ts";

/** One mention of a variable in a template. */
export interface Reference {
  readonly name: string;
  /** Where the text stands, e.g. `spec.containers[0].image`. */
  readonly path: string;
  /** The text is this reference and nothing else: the variable's type is kept. */
  readonly whole: boolean;
}

/**
 * Every variable that a tree mentions, inside of calls as well, in order. A malformed text mentions none:
 * `renderVariables` and `lintTemplate` refuse it.
 */
export function referencesOf(tree: unknown, path = ""): readonly Reference[] {
  const found: Reference[] = [];
  mapStrings(tree, path, (text, place) => {
    if (text.includes("$(")) found.push(...referencesInText(text, place));
    return text;
  });
  return found;
}

function referencesInText(text: string, path: string): readonly Reference[] {
  try {
    const parts = parseText(text);
    return parts.flatMap((part) => namesIn(part).map((name) => ({ name, path, whole: isWhole(parts) })));
  } catch (error) {
    if (error instanceof TextSyntaxError) return [];
    throw error;
  }
}

const isWhole = ([first, ...rest]: readonly TextPart[]): boolean =>
  rest.length === 0 && typeof first === "object" && first.type === "name";

function namesIn(part: Expression | string): readonly string[] {
  if (typeof part === "string" || part.type === "literal") return [];
  return part.type === "name" ? [part.name] : part.arguments.flatMap(namesIn);
}
