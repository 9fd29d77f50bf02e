import { randomBytes } from "node:crypto";

/** A DNS label that nothing else has: `prefix-` and 10 random characters. One control plane, many tests. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString("hex")}`;
}
