import { isRecord } from "./config-fields.ts";

/** What stands where a secret was. */
export const REDACTED = "[redacted]";

const SECRET_KEY =
  /^(.*[-_.])?(authorization|cookie|password|passwd|secret|token|seed|private[-_]?key|api[-_]?key)$|(Authorization|Cookie|Password|Secret|Token|PrivateKey|ApiKey)$/i;
const URL_TOKEN = /(carrel_token=)[^&\s"'#<>\\]+/gi;
const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"'?#]+@/gi;
const JWT = /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/g;
const BEARER = /\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi;
const MAX_DEPTH = 6;

/** A text without tokens in URLs (`carrel_token=…`), user info of URLs, JWTs and bearer credentials. */
export function redactText(text: string): string {
  return text
    .replace(URL_TOKEN, `$1${REDACTED}`)
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(JWT, REDACTED)
    .replace(BEARER, `$1 ${REDACTED}`);
}

/**
 * A copy that may be printed: values of keys that name a secret (token, authorization, cookie, password…) are
 * replaced, texts go through {@link redactText}, errors become {@link errorFields}. Deeper than 6 levels is cut.
 */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (value instanceof Error) return errorFields(value, depth);
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
  if (depth >= MAX_DEPTH) return "[too deep]";
  if (Array.isArray(value)) return value.map((item) => redacted(item, depth + 1));
  if (value instanceof Date || value instanceof URL)
    return redactText(value instanceof Date ? safeIso(value) : value.href);
  if (value instanceof Map) return redacted(Object.fromEntries(value), depth);
  if (value instanceof Set) return redacted([...value], depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (!isRecord(value)) return REDACTED;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecret(key, item) ? REDACTED : redacted(item, depth + 1)]),
  );
}

/**
 * What a log line says of an error: type, code, message, stack, cause. Never its other properties: errors of HTTP
 * clients carry whole responses.
 */
export function errorFields(error: Error, depth = 0): Record<string, unknown> {
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  return {
    type: error.name,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    message: redactText(error.message),
    ...(typeof retryable === "boolean" ? { retryable } : {}),
    ...(depth <= 1 && error.stack !== undefined ? { stack: redactText(error.stack) } : {}),
    ...(error instanceof AggregateError && depth < 3
      ? { errors: error.errors.slice(0, 8).map((inner) => redacted(inner, depth + 1)) }
      : {}),
    ...(error.cause !== undefined && depth < 3 ? { cause: redacted(error.cause, depth + 1) } : {}),
  };
}

function isSecret(key: string, value: unknown): boolean {
  return (
    value !== undefined &&
    value !== null &&
    typeof value !== "boolean" &&
    typeof value !== "number" &&
    SECRET_KEY.test(key)
  );
}

function safeIso(date: Date): string {
  return Number.isNaN(date.getTime()) ? "invalid date" : date.toISOString();
}
