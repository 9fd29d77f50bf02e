import { ApiError } from "@carrel/api";
import type { z } from "zod";

/** The largest body that is taken where nobody says otherwise. */
export const MAX_PAYLOAD_BYTES = 65_536;
const MAX_PROBLEMS = 10;

/**
 * The body of a request: JSON in UTF-8 that the schema accepts.
 * @throws ApiError `INVALID` that names everything that is wrong with it (at most ten problems).
 */
export function decodeBody<Schema extends z.ZodType>(
  bytes: Uint8Array,
  schema: Schema,
  maxPayloadBytes: number,
): z.output<Schema> {
  if (bytes.byteLength > maxPayloadBytes) {
    throw new ApiError("INVALID", `the body has ${bytes.byteLength} bytes; at most ${maxPayloadBytes} are taken`);
  }
  const result = schema.safeParse(parseJson(bytes));
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(describe);
  const shown = problems.slice(0, MAX_PROBLEMS);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
  throw new ApiError("INVALID", shown.join("; "));
}

function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ApiError("INVALID", "the body is not UTF-8", { cause: error });
  }
  if (text.trim() === "") throw new ApiError("INVALID", "the body is empty; send a JSON object");
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The parser's message quotes the body.
    throw new ApiError("INVALID", "the body is not JSON", { cause: error });
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `unknown field ${shorten(path === "" ? key : `${path}.${key}`)}`);
  }
  return [`${path === "" ? "the body" : shorten(path)}: ${issue.message}`];
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
