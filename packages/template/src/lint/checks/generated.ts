import { hasCode } from "@carrel/std";
import { parsePattern } from "../../generate/pattern.ts";
import { duplicates } from "../duplicates.ts";
import { errorAt, type Check } from "../lint-facts.ts";

/** Patterns that no value can be made from. */
export const generated: Check = ({ spec }) => [
  ...duplicates(spec.generate, "spec.generate", ({ name }) => name),
  ...spec.generate.flatMap(({ type, pattern }, index) => {
    if (type !== "pattern" || pattern === undefined) return [];
    try {
      parsePattern(pattern);
      return [];
    } catch (error) {
      if (!hasCode(error, "INVALID")) throw error;
      return [errorAt("generate-pattern", `spec.generate[${index}].pattern`, error.message)];
    }
  }),
];
