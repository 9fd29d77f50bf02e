import { parseText, type TextPart } from "../variables/parse-text.ts";
import { TextSyntaxError } from "../variables/text-syntax-error.ts";

/** The parts of a text with variables; none for one that is malformed, which another check tells. */
export function textParts(text: string): readonly TextPart[] {
  try {
    return parseText(text);
  } catch (error) {
    if (error instanceof TextSyntaxError) return [];
    throw error;
  }
}
