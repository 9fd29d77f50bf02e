import { z } from "zod";
import type { GeneratedFile } from "./generated-file.ts";

const image = z.string().min(1).describe("Image reference, best by digest.");
const quantity = z.string().regex(/^[0-9.]+(m|k|Ki|M|Mi|G|Gi)?$/);
const resources = z.strictObject({
  requests: z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() }).optional(),
  limits: z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() }).optional(),
});
const service = z.strictObject({
  type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]),
  port: z.int().min(1).max(65535).optional(),
  nodePort: z.int().min(30000).max(32767).nullable().optional(),
});
const workload = z.strictObject({ replicas: z.int().min(0).max(20), resources });
const words = z.array(z.string().regex(/^[^*]*$/)).min(1);
const rule = z.strictObject({
  apiGroups: words,
  resources: words,
  verbs: z
    .array(z.enum(["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use"]))
    .min(1),
  resourceNames: z.array(z.string()).optional(),
});
const objectRules = z
  .array(z.strictObject({ apiGroups: words, resources: words }))
  .describe("Kinds that templates bring along; the chart gives the verbs.");
const namespaceName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

/** What the chart's values may be; Helm checks each install against the JSON Schema made of it. */
export const chartValuesSchema = z.strictObject({
  domain: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
    .max(180)
    .describe("Sessions are reached at SESSION.DOMAIN and ENDPOINT--SESSION.DOMAIN."),
  publicScheme: z.enum(["http", "https"]).describe("As browsers see it, before any load balancer."),
  publicPort: z.int().min(1).max(65535),
  loginUrl: z
    .string()
    .regex(/^https?:\/\/[^\s"]+$/)
    .nullable()
    .optional()
    .describe("Where users get a fresh link to their session."),
  images: z.strictObject({
    provisioner: image,
    webhook: image,
    proxy: image,
    reaper: image,
    nats: image,
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
    pullSecrets: z.array(z.strictObject({ name: z.string() })),
  }),
  logLevel: z.enum(["debug", "info", "warn", "error"]),
  capacity: z.strictObject({
    maxSessions: z.int().min(1).max(100_000).describe("Living sessions and spare workspaces at once."),
    maxStarting: z.int().min(1).max(1000).describe("Workspace pods that may start at once."),
  }),
  templateVariables: z.strictObject({
    values: z.record(z.string().regex(/^[a-z][a-zA-Z0-9]{0,62}$/), z.string().max(1024)).describe("`$(values.NAME)`."),
    clusterDomain: z.string().min(1),
    storageClass: z.string().min(1).nullable().optional(),
    ingressClass: z.string().min(1).nullable().optional(),
  }),
  provisioner: workload.extend({
    grantableRules: z.array(rule).describe("What templates may grant to learners; the provisioner holds it itself."),
    objectRules,
  }),
  webhook: workload.extend({
    trustedUsers: z
      .array(z.string().regex(/^[^\s,"]+$/))
      .describe("Users that work as controllers in sessions, e.g. system:serviceaccount:kubevirt:kubevirt-controller."),
  }),
  proxy: workload.extend({
    service,
    frameAncestors: z
      .array(z.string().regex(/^[^\s;,'"]+$/))
      .describe("Origins of other sites whose pages may show sessions in a frame."),
  }),
  reaper: workload.extend({ objectRules }),
  nats: z.strictObject({
    enabled: z.boolean(),
    url: z.string(),
    existingSecret: z.string(),
    jetstream: z.strictObject({
      enabled: z.boolean(),
      maxStorage: quantity.describe("What the streams may take on disk; they reserve 144Mi."),
      existingClaim: z.string().describe("PersistentVolumeClaim for the streams; without it they end with the pod."),
      replicas: z.int().min(1).max(5).describe("Copies of the streams in a cluster of servers."),
      maxQueued: z.int().min(1).max(1_000_000).describe("Creates that may wait; one tenant: half of it."),
    }),
    service,
    resources,
  }),
  sharedSecretNamespaces: z.array(namespaceName).max(32).describe("Where templates may copy Secrets from."),
  tenants: z
    .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/))
    .describe("Each gets a NATS user of its own."),
  global: z.record(z.string(), z.unknown()).optional(),
});

/** `values.schema.json` of the chart. */
export function generateValuesSchema(): GeneratedFile[] {
  const schema = z.toJSONSchema(chartValuesSchema, { target: "draft-7" });
  return [{ path: "deploy/chart/values.schema.json", content: `${JSON.stringify(schema, undefined, 2)}\n` }];
}
