import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { ApiError } from "@carrel/api";

/** Headers of a message; names are compared without case. */
export type MessageHeaders = Readonly<Record<string, string>>;

/** The headers as NATS takes them. @throws ApiError `INVALID` for a name or value that cannot be sent. */
export function toNatsHeaders(values: Readonly<Record<string, string | undefined>>): MsgHdrs {
  const result = headers();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    try {
      result.set(name, value);
    } catch (error) {
      throw new ApiError("INVALID", `the header ${JSON.stringify(name)} cannot be sent`, { cause: error });
    }
  }
  return result;
}

/**
 * The headers of a received message, names in lower case, the first value of each.
 * @throws the parser's error when the sender wrote headers that are none.
 */
export function fromNatsHeaders(received: { readonly headers?: MsgHdrs | undefined }): MessageHeaders {
  const first = new Map<string, string>();
  for (const [name, values] of received.headers ?? []) {
    const key = name.toLowerCase();
    if (!first.has(key)) first.set(key, values[0] ?? "");
  }
  return Object.fromEntries(first);
}

/** One header. */
export function headerOf(values: MessageHeaders, name: string): string | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
