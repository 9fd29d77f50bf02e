import { z } from "zod";

const DAY_MS = 86_400_000;
const lifeMs = z
  .int()
  .min(1000)
  .max(3650 * DAY_MS);

/** Configuration of the webhook. */
export const configSchema = z.object({
  namespace: z
    .string()
    .min(1)
    .describe("Carrel's own namespace: the Secret of the certificates, and whose ServiceAccounts are Carrel's."),
  identity: z.string().min(1).optional().describe("Name of this replica in logs."),
  kubeconfig: z.string().min(1).optional().describe("A kubeconfig file; without it the Pod's ServiceAccount."),
  host: z.string().min(1).optional().describe("Address of the admission server; all addresses when absent."),
  port: z.int().min(0).max(65535).default(8443).describe("Port of the admission server; 0 takes a free one."),
  serviceName: z
    .string()
    .min(1)
    .default("carrel-webhook")
    .describe("The Service that the API server calls: its names are in the certificate."),
  extraNames: z
    .array(z.string().min(1))
    .default([])
    .describe("Further DNS names and IP addresses for the certificate, when the API server calls by URL."),
  secretName: z
    .string()
    .min(1)
    .default("carrel-webhook-tls")
    .describe("The Secret that keeps authority and certificate."),
  validatingConfiguration: z
    .string()
    .min(1)
    .default("carrel-admission")
    .describe("The ValidatingWebhookConfiguration whose caBundle is kept."),
  mutatingConfiguration: z
    .string()
    .min(1)
    .default("carrel-admission-defaults")
    .describe("The MutatingWebhookConfiguration whose caBundle is kept."),
  authorityLifeMs: lifeMs
    .default(365 * DAY_MS)
    .describe("Life of the certificate authority, in milliseconds; it is replaced at two thirds."),
  serverLifeMs: lifeMs
    .default(60 * DAY_MS)
    .describe("Life of the server certificate, in milliseconds; it is replaced at two thirds."),
  publishMs: z
    .int()
    .min(0)
    .max(DAY_MS)
    .default(60_000)
    .describe("How long a new authority is published before it signs what is served, in milliseconds."),
  operatorGroups: z
    .array(z.string().min(1))
    .default(["system:masters"])
    .describe("Groups of cluster administrators: they may touch what is Carrel's, with a warning."),
  tokenAudiences: z
    .array(z.string().min(1))
    .default(["https://kubernetes.default.svc.cluster.local", "https://kubernetes.default.svc"])
    .describe("Audiences that a learner may ask tokens for: those of the API server (its --api-audiences)."),
  trustedUsers: z
    .array(z.string().min(1))
    .default([])
    .describe("Exact names of further users that count as controllers of Kubernetes."),
});
export type Config = z.output<typeof configSchema>;
