import type { Lease } from "../client/resources/lease.ts";

/** What a Lease says. An empty or absent holder is none; the times are for humans only, nothing is decided by them. */
export type LeaseSpec = NonNullable<Lease["spec"]>;

/** `metav1.MicroTime` of a time in milliseconds. The API server takes exactly six digits. */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("Z", "000Z");
}
