import { natsConfigSchema } from "@carrel/messaging";
import { z } from "zod";
import { createsConfigSchema } from "./requests/async/work-on-creates.ts";

/** Configuration of the provisioner. */
export const configSchema = z.object({
  namespace: z
    .string()
    .min(1)
    .describe("Carrel's own namespace: keys, leases, and where session policies expect the proxy."),
  identity: z
    .string()
    .min(1)
    .optional()
    .describe("Name of this replica in the leader election; default host name and a random part."),
  kubeconfig: z.string().min(1).optional().describe("A kubeconfig file; without it the Pod's ServiceAccount."),
  domain: z.string().min(1).describe("Sessions are reached at SESSION.DOMAIN."),
  publicScheme: z.enum(["http", "https"]).default("https").describe("Scheme of session URLs as browsers see them."),
  publicPort: z.int().min(1).max(65535).default(443).describe("Port of session URLs as browsers see it."),
  issuer: z.string().min(1).default("carrel").describe("`iss` of tokens."),
  kubernetesServiceAddress: z
    .string()
    .regex(/^[0-9a-fA-F.:]+$/)
    .optional()
    .describe("ClusterIP of the Service kubernetes, for the sessions' network policies."),
  maxSessions: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe("Living sessions and spares that the cluster may hold at once; more sessions wait in line."),
  maxStarting: z
    .int()
    .min(1)
    .max(1000)
    .default(64)
    .describe("Workspace pods that may start at once, at most half of them spares."),
  ingressClass: z.string().min(1).optional().describe("Template variable `ingress.class`."),
  clusterDomain: z.string().min(1).default("cluster.local").describe("DNS domain of Services; `cluster.domain`."),
  storageClass: z.string().min(1).optional().describe("Template variable `cluster.storageClass`."),
  values: z
    .record(z.string().regex(/^[a-z][a-zA-Z0-9]{0,62}$/), z.string().max(1024))
    .default({})
    .describe("Constants for templates: `$(values.NAME)`."),
  parametersNamespace: z
    .string()
    .min(1)
    .optional()
    .describe("Where the secret parameters of sessions are kept; default `NAMESPACE-parameters`."),
  sharedSecretNamespaces: z
    .array(z.string().min(1).max(63))
    .max(32)
    .default([])
    .describe("Namespaces that templates may copy Secrets from, with the consent of each Secret."),
  nats: natsConfigSchema,
  creates: createsConfigSchema,
});
export type Config = z.output<typeof configSchema>;
