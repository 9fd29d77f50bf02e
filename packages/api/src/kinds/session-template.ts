import { z } from "zod";
import { conditionSchema, type ObjectMeta } from "./object-meta.ts";
import { accessRuleSchema, policyChoiceSchema, roleSchema } from "./template/access.ts";
import { BUDGETS_OF_TEMPLATES, limitsSchema, quotaSchema } from "./template/budget.ts";
import { copiedSecretSchema } from "./template/copied-secret.ts";
import { endpointSchema } from "./template/endpoint.ts";
import { generateSchema } from "./template/generate.ts";
import { lifetimeSchema } from "./template/lifetime.ts";
import { additionalNamespaceSchema } from "./template/namespace.ts";
import { parameterSchema } from "./template/parameter.ts";
import { podTemplateSchema, type PodTemplate } from "./template/pod-template.ts";
import { poolSchema } from "./template/pool.ts";
import { templateObjectSchema, type TemplateObject } from "./template/template-object.ts";

const listByName = { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] };

/** A lesson's environment. */
export const sessionTemplateSpecSchema = z
  .object({
    title: z.string().max(128).optional(),
    description: z.string().max(4096).optional(),
    parameters: z.array(parameterSchema).max(32).meta(listByName).default([]),
    generate: z.array(generateSchema).max(16).meta(listByName).default([]),
    /** What the learner may do in the primary namespace. */
    role: roleSchema.default("edit"),
    /** What the learner may do there beyond `role`. */
    rules: z.array(accessRuleSchema).max(32).default([]),
    /** What the learner may do cluster-wide; bounded by the ceiling profile, which allows nothing by default. */
    clusterRules: z.array(accessRuleSchema).max(16).default([]),
    policy: policyChoiceSchema,
    /** What all the learner's objects in all namespaces together may use. */
    budget: z.enum(BUDGETS_OF_TEMPLATES).default("small"),
    /** Quota keys on top of the budget's, e.g. `count/virtualmachines.kubevirt.io: "2"`. */
    quota: quotaSchema.default({}),
    /** Defaults and bounds of single containers, pods and volume claims in the primary namespace. */
    limits: limitsSchema.optional(),
    namespaces: z.array(additionalNamespaceSchema).max(8).meta(listByName).default([]),
    /** The workspace pod. */
    workspace: z.object({
      template: podTemplateSchema,
      /** Whether the pod gets a token of the learner's account. Default: when the role is not `none`. */
      token: z.boolean().optional(),
    }),
    objects: z.array(templateObjectSchema).max(64).meta(listByName).default([]),
    secrets: z.array(copiedSecretSchema).max(16).default([]),
    endpoints: z
      .array(endpointSchema)
      .min(1)
      .max(16)
      .meta({
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name", "path"],
        "x-kubernetes-validations": [
          { rule: "self.exists(e, e.name == 'main')", message: "one endpoint must be called main" },
        ],
      }),
    /** Links for the session page, beside the endpoints; the URL may use variables. */
    links: z
      .array(z.object({ title: z.string().min(1).max(128), url: z.string().min(1).max(2048) }))
      .max(16)
      .default([]),
    network: z
      .object({
        /** Egress beyond DNS, the API server and the session's own pods: rules of a NetworkPolicy. */
        egress: z
          .array(z.looseObject({}).meta({ "x-kubernetes-preserve-unknown-fields": true }))
          .max(32)
          .default([]),
      })
      .default({ egress: [] }),
    lifetime: lifetimeSchema,
    pool: poolSchema.optional(),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "self.budget != 'custom' || (has(self.quota) && 'limits.cpu' in self.quota && 'limits.memory' in self.quota && 'pods' in self.quota)",
        message: "a custom budget must bound limits.cpu, limits.memory and pods",
        fieldPath: ".quota",
      },
    ],
  });

export type SessionTemplateSpec = Omit<
  z.infer<typeof sessionTemplateSpecSchema>,
  "workspace" | "network" | "objects"
> & {
  readonly workspace: { readonly template: PodTemplate; readonly token?: boolean | undefined };
  readonly network: { readonly egress: readonly Readonly<Record<string, unknown>>[] };
  readonly objects: readonly TemplateObject[];
};

/** Spec as an author writes it: what has a default may be left out. */
export type SessionTemplateInput = Omit<
  z.input<typeof sessionTemplateSpecSchema>,
  "workspace" | "network" | "objects"
> & {
  readonly workspace: SessionTemplateSpec["workspace"];
  readonly network?: Partial<SessionTemplateSpec["network"]>;
  readonly objects?: readonly (Pick<TemplateObject, "name" | "template"> &
    Omit<z.input<typeof templateObjectSchema>, "name" | "template">)[];
};

export const sessionTemplateStatusSchema = z.object({
  observedGeneration: z.int().min(0).optional(),
  conditions: z
    .array(conditionSchema)
    .max(8)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
    .readonly()
    .optional(),
  /** Spare workspaces: wanted now, ready, and on their way. */
  pool: z.object({ wanted: z.int(), ready: z.int(), starting: z.int() }).optional(),
});
export type SessionTemplateStatus = z.infer<typeof sessionTemplateStatusSchema>;

export interface SessionTemplate {
  readonly apiVersion: string;
  readonly kind: "SessionTemplate";
  readonly metadata: ObjectMeta;
  readonly spec: SessionTemplateSpec;
  readonly status?: SessionTemplateStatus;
}
