import { z } from "zod";
import type { ObjectMeta } from "./object-meta.ts";
import { duration } from "./template/duration.ts";

/**
 * Names that no tenant may have: `evt` would let it forge events, `dlq` dead letters, the others are NATS users of
 * Carrel's own.
 */
export const RESERVED_TENANTS = ["evt", "dlq", "provisioner", "reaper", "proxy", "webhook", "operator"] as const;

/** A customer of the SaaS. Requests arrive on subjects that carry its name. */
export const tenantSpecSchema = z.object({
  title: z.string().max(128).optional(),
  /** Living sessions at once, those that wait in the queue included. */
  maxSessions: z.int().min(0).max(100_000).default(100),
  /** Living sessions of one user at once. */
  maxSessionsPerUser: z.int().min(0).max(1000).default(3),
  /** Users whom `maxSessionsPerUser` does not bind: trainers, test robots. */
  exemptUsers: z.array(z.string().max(256)).max(256).default([]),
  /** Sessions that may wait for a place at once; more are refused. */
  maxQueued: z.int().min(0).max(100_000).default(1000),
  /** Share of the places that become free while others wait too, relative to their weights. */
  weight: z.int().min(1).max(100).default(1),
  /** Templates that it may use; `*` matches any part of a name; absent: all. */
  templates: z.array(z.string().max(63)).max(256).optional(),
  /** Profiles that its templates may name; absent: all. */
  profiles: z.array(z.string().max(63)).max(64).optional(),
  /** Bound of every session's lifetime, whatever the template says. */
  maxLifetime: duration.optional(),
  /** No new sessions. */
  suspended: z.boolean().default(false),
});
export type TenantSpec = z.infer<typeof tenantSpecSchema>;

export interface Tenant {
  readonly apiVersion: string;
  readonly kind: "Tenant";
  readonly metadata: ObjectMeta;
  readonly spec: TenantSpec;
}
