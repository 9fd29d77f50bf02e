import { createContext, Script } from "node:vm";
import { ApiError } from "@carrel/api";

/** How long one value may take. Plain patterns take microseconds; a process that is short of CPU must not fail them. */
const TIMEOUT_MS = 250;

const context = createContext(Object.create(null) as object);
const script = new Script("new RegExp(pattern, 'u').test(text)");

/**
 * Whether a pattern of a template's author matches the whole of a text. Which patterns take exponential time cannot be
 * told by looking, so each has a deadline: no author and no value may hold up the process.
 *
 * @throws ApiError `INVALID` when the pattern is no regular expression, or takes too long.
 */
export function matchesWhole(pattern: string, text: string): boolean {
  Object.assign(context, { pattern: `^(?:${pattern})$`, text });
  try {
    return script.runInContext(context, { timeout: TIMEOUT_MS }) === true;
  } catch (error) {
    // An Error of the context's, which is no instance of ours.
    const { code } = error as { readonly code?: unknown };
    const slow = code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
    const why = slow ? "takes too long to match a value" : "is not a regular expression";
    throw new ApiError("INVALID", `the template's pattern ${pattern} ${why}`, { cause: error });
  } finally {
    // A value may be a secret.
    Object.assign(context, { text: "" });
  }
}
