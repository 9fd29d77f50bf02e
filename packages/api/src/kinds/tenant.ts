import { z } from "zod";
import type { ObjectMeta } from "./object-meta.ts";

/** Names that no tenant may have: `evt` would let it forge events, the others are Carrel's own NATS users. */
export const RESERVED_TENANTS = ["evt", "provisioner", "reaper", "proxy", "webhook"] as const;

/** A customer of the SaaS. Requests arrive on subjects that carry its name. */
export const tenantSpecSchema = z.object({
  /** Living sessions at once. */
  maxSessions: z.int().min(0).max(100_000).default(100),
  /** Living sessions of one user at once. */
  maxSessionsPerUser: z.int().min(0).max(1000).default(3),
  /** Templates that it may use; absent: all. */
  templates: z.array(z.string().max(63)).max(256).optional(),
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
