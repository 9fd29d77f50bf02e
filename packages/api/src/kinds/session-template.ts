import { DURATION_PATTERN } from "@carrel/std";
import { z } from "zod";
import type { ObjectMeta } from "./object-meta.ts";

const duration = z.string().regex(new RegExp(DURATION_PATTERN)).max(8);

/** A value that the requester may or must give; reached in the template as `$(parameters.NAME)`. */
export const parameterSchema = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-zA-Z0-9]{0,62}$/)
    .max(63),
  description: z.string().max(1024).optional(),
  type: z.enum(["string", "int", "bool"]).default("string"),
  required: z.boolean().default(false),
  /** Used when the request gives none; written as a string whatever the type. */
  default: z.string().max(4096).optional(),
  /** Longest string, in characters. */
  maxLength: z.int().min(1).max(4096).default(256),
  /** Go RE2 / ECMAScript common subset; the whole value must match. */
  pattern: z.string().max(256).optional(),
  enum: z.array(z.string().max(256)).max(64).optional(),
});
export type Parameter = z.infer<typeof parameterSchema>;

/** A port of the workspace pod that browsers may reach. */
export const endpointSchema = z
  .object({
    /** The host is `NAME--SESSION.DOMAIN`; the endpoint `main` has `SESSION.DOMAIN` itself. */
    name: z
      .string()
      .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
      .min(3)
      .max(40),
    title: z.string().max(128).optional(),
    /** TCP port in the workspace pod. */
    port: z.int().min(1).max(65535),
    /** Who may use it: the session's user, every user of the tenant, or anybody with the URL. */
    access: z.enum(["owner", "tenant", "public"]).default("owner"),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!self.name.contains('--')",
        message: "must not contain --: it separates the endpoint from the session in the host name",
      },
    ],
  });
export type Endpoint = z.infer<typeof endpointSchema>;

/** Sizes of budgets; what each allows stands in the provisioner's `resources/budgets.ts`. */
export const BUDGET_SIZES = ["small", "medium", "large", "x-large", "xx-large", "xxx-large"] as const;
export type BudgetSize = (typeof BUDGET_SIZES)[number];

const podTemplateSchema = z.object({
  metadata: z
    .object({
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  spec: z
    .object({
      containers: z
        .array(
          z
            .object({ name: z.string().max(63), image: z.string().min(1).max(1024) })
            .meta({ "x-kubernetes-preserve-unknown-fields": true }),
        )
        .min(1)
        .max(16),
    })
    .meta({ "x-kubernetes-preserve-unknown-fields": true }),
});
/** The workspace pod as the template author writes it: any field of a PodSpec. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly containers: readonly (Readonly<Record<string, unknown>> & {
      readonly name: string;
      readonly image: string;
    })[];
  };
}

/** A lesson's environment. */
export const sessionTemplateSpecSchema = z.object({
  title: z.string().max(128).optional(),
  description: z.string().max(4096).optional(),
  parameters: z
    .array(parameterSchema)
    .max(32)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] })
    .default([]),
  /** What the learner may do in the session's namespace; `none` gives no access to the Kubernetes API. */
  role: z.enum(["edit", "view", "none"]).default("edit"),
  /** What all the learner's objects together may use. */
  budget: z.enum(BUDGET_SIZES).default("small"),
  policy: z.object({ profile: z.string().max(63).default("default") }).default({ profile: "default" }),
  /** The workspace pod. */
  workspace: z.object({ template: podTemplateSchema }),
  endpoints: z
    .array(endpointSchema)
    .min(1)
    .max(16)
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      "x-kubernetes-validations": [
        { rule: "self.exists(e, e.name == 'main')", message: "one endpoint must be called main" },
      ],
    }),
  network: z
    .object({
      /** Egress beyond DNS, the API server and the session's own pods: rules of a NetworkPolicy. */
      egress: z
        .array(z.object({}).meta({ "x-kubernetes-preserve-unknown-fields": true }))
        .max(32)
        .default([]),
    })
    .default({ egress: [] }),
  lifetime: z
    .object({
      /** From the request to the end. */
      duration: duration.default("1h"),
      /** No extension goes past this, counted from the request. */
      max: duration.default("8h"),
      /** Not ready by then: the session fails and is torn down. */
      startDeadline: duration.default("5m"),
    })
    .default({ duration: "1h", max: "8h", startDeadline: "5m" })
    .meta({
      "x-kubernetes-validations": [
        {
          rule: `${seconds("duration")} <= ${seconds("max")}`,
          message: "duration must not exceed max",
          fieldPath: ".duration",
        },
        {
          rule: `${seconds("startDeadline")} <= ${seconds("max")}`,
          message: "startDeadline must not exceed max",
          fieldPath: ".startDeadline",
        },
      ],
    }),
});

/** CEL: the seconds of one of our durations. CEL's own `duration()` knows no days. */
function seconds(field: string): string {
  const text = `self.${field}`;
  const number = `int(${text}.substring(0, size(${text}) - 1))`;
  return `(${number} * (${text}.endsWith('d') ? 86400 : ${text}.endsWith('h') ? 3600 : ${text}.endsWith('m') ? 60 : 1))`;
}

export type SessionTemplateSpec = Omit<z.infer<typeof sessionTemplateSpecSchema>, "workspace" | "network"> & {
  readonly workspace: { readonly template: PodTemplate };
  readonly network: { readonly egress: readonly Readonly<Record<string, unknown>>[] };
};

export interface SessionTemplate {
  readonly apiVersion: string;
  readonly kind: "SessionTemplate";
  readonly metadata: ObjectMeta;
  readonly spec: SessionTemplateSpec;
}
