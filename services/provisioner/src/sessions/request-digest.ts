import { createHmac } from "node:crypto";

/**
 * HMAC-SHA256 of a request in canonical JSON (keys sorted): two requests with one key are the same when their digests
 * are. Keyed by the idempotency key, which is stored nowhere: a request may carry secrets, and who reads the digest
 * must not be able to try values against it.
 */
export function requestDigest(idempotencyKey: string, request: unknown): string {
  return createHmac("sha256", idempotencyKey).update(canonical(request)).digest("hex");
}

function canonical(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(canonical).join(",")}]`;
  if (typeof node === "object" && node !== null) {
    const entries = Object.entries(node).filter(([, value]) => value !== undefined);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`)
      .join(",")}}`;
  }
  return JSON.stringify(node);
}
