import { createHash } from "node:crypto";

/** sha256 of a request in canonical JSON (keys sorted): two requests are the same when their digests are. */
export function requestDigest(request: unknown): string {
  return createHash("sha256").update(canonical(request)).digest("hex");
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
