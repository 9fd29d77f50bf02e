import type { z } from "zod";
import { policyProfileSpecSchema } from "./policy-profile.ts";
import { sessionSpecSchema, sessionStatusSchema } from "./session.ts";
import { sessionTemplateSpecSchema, sessionTemplateStatusSchema } from "./session-template.ts";
import { RESERVED_TENANTS, tenantSpecSchema } from "./tenant.ts";
import { workspaceSpecSchema, workspaceStatusSchema } from "./workspace.ts";

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "date" | "boolean";
  readonly jsonPath: string;
  readonly priority?: number;
}

/** What a CRD is generated from. */
export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status?: z.ZodType;
  readonly columns: readonly PrinterColumn[];
  /** CEL rules about the whole object; of `metadata` they see the name only. */
  readonly rules?: readonly { readonly rule: string; readonly message: string }[];
}

const age: PrinterColumn = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };
const ready = '.status.conditions[?(@.type=="Ready")]';

/** All kinds of Carrel; the CRDs in the chart are generated from this table. */
export const KINDS: readonly KindDefinition[] = [
  {
    kind: "Tenant",
    plural: "tenants",
    shortNames: ["ten"],
    description: "A customer of the SaaS: caps and allowed templates.",
    spec: tenantSpecSchema,
    rules: [
      {
        rule: `!(self.metadata.name in [${RESERVED_TENANTS.map((name) => `'${name}'`).join(", ")}])`,
        message: "this name is a NATS user or subject of Carrel's own",
      },
      {
        rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
        message: "must be a DNS label: it is a token of NATS subjects",
      },
    ],
    columns: [
      { name: "Max", type: "integer", jsonPath: ".spec.maxSessions" },
      { name: "Per-User", type: "integer", jsonPath: ".spec.maxSessionsPerUser" },
      { name: "Weight", type: "integer", jsonPath: ".spec.weight" },
      { name: "Suspended", type: "boolean", jsonPath: ".spec.suspended" },
      age,
    ],
  },
  {
    kind: "PolicyProfile",
    plural: "policyprofiles",
    shortNames: ["pp"],
    description: "What may be deployed inside a session.",
    spec: policyProfileSpecSchema,
    columns: [
      { name: "Level", type: "string", jsonPath: ".spec.podSecurity.level" },
      { name: "Version", type: "string", jsonPath: ".spec.podSecurity.version" },
      { name: "Ceiling", type: "boolean", jsonPath: ".spec.ceiling" },
      age,
    ],
  },
  {
    kind: "SessionTemplate",
    plural: "sessiontemplates",
    shortNames: ["stpl"],
    description: "A lesson's environment.",
    spec: sessionTemplateSpecSchema,
    status: sessionTemplateStatusSchema,
    rules: [
      {
        rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
        message: "must be a DNS label: requests and labels carry it",
      },
    ],
    columns: [
      { name: "Title", type: "string", jsonPath: ".spec.title" },
      { name: "Budget", type: "string", jsonPath: ".spec.budget" },
      { name: "Duration", type: "string", jsonPath: ".spec.lifetime.duration" },
      { name: "Pool", type: "integer", jsonPath: ".status.pool.wanted" },
      { name: "Spare", type: "integer", jsonPath: ".status.pool.ready" },
      age,
    ],
  },
  {
    kind: "Session",
    plural: "sessions",
    shortNames: ["ses"],
    description: "One user's right to one workspace until a time.",
    spec: sessionSpecSchema,
    status: sessionStatusSchema,
    rules: [
      {
        rule: "(self.spec.workspace == oldSelf.spec.workspace && self.spec.deadlineAt == oldSelf.spec.deadlineAt) || !has(oldSelf.status) || !has(oldSelf.status.phase) || oldSelf.status.phase in ['Queued', 'Provisioning']",
        message: "workspace and deadlineAt are immutable once the session is ready",
      },
    ],
    columns: [
      { name: "Phase", type: "string", jsonPath: ".status.phase" },
      { name: "Reason", type: "string", jsonPath: `${ready}.reason` },
      { name: "Tenant", type: "string", jsonPath: ".spec.tenant" },
      { name: "User", type: "string", jsonPath: ".spec.user.id" },
      { name: "Template", type: "string", jsonPath: ".spec.template.name" },
      { name: "Position", type: "integer", jsonPath: ".status.queue.position", priority: 1 },
      { name: "Expires", type: "string", jsonPath: ".spec.expiresAt" },
      { name: "URL", type: "string", jsonPath: ".status.url", priority: 1 },
      { name: "Workspace", type: "string", jsonPath: ".spec.workspace", priority: 1 },
      age,
    ],
  },
  {
    kind: "Workspace",
    plural: "workspaces",
    shortNames: ["wks"],
    description: "The materialised environment of a session.",
    spec: workspaceSpecSchema,
    status: workspaceStatusSchema,
    columns: [
      { name: "Phase", type: "string", jsonPath: ".status.phase" },
      { name: "Reason", type: "string", jsonPath: `${ready}.reason` },
      { name: "Template", type: "string", jsonPath: ".spec.template.name" },
      { name: "Session", type: "string", jsonPath: ".spec.session.name" },
      age,
    ],
  },
];
