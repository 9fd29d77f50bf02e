import { randomInt } from "node:crypto";

/**
 * A TCP port below the kernel's range for outgoing connections (32768 and above): a server that comes back on it
 * finds it free, and a client that dials it meanwhile can never be connected to itself.
 */
export function randomPort(): number {
  return randomInt(15_000, 32_000);
}
