import { z } from "zod";
import { limitsSchema } from "./server/limits.ts";

/** Configuration of the proxy; see `packages/service` for the keys that every service has. */
export const configSchema = z.object({
  namespace: z.string().min(1).describe("Carrel's own namespace: where the keys are."),
  identity: z.string().min(1).default("proxy").describe("Name of this replica in logs."),
  kubeconfig: z.string().optional().describe("Path of a kubeconfig; absent: the pod's own ServiceAccount."),
  listenPort: z.int().min(0).max(65535).default(8080).describe("Port of user traffic."),
  listenHost: z.string().min(1).optional().describe("Address of that port; all addresses when absent."),
  domain: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
    .describe("Sessions are SESSION.DOMAIN and ENDPOINT--SESSION.DOMAIN."),
  publicScheme: z.enum(["http", "https"]).default("https").describe("How users reach the proxy."),
  publicPort: z.int().min(1).max(65535).default(443).describe("On which port users reach the proxy."),
  issuer: z.string().min(1).default("carrel").describe("The one `iss` of tokens that is accepted."),
  loginUrl: z.url().optional().describe("Where users get a fresh link to a session; pages link to it."),
  frameAncestors: z
    .array(z.string().regex(/^[^\s;,']+$/))
    .default([])
    .describe(
      "Origins whose pages may show sessions in a frame; with any, our cookie is for frames of other sites too.",
    ),
  trustedHops: z.int().min(0).max(8).default(0).describe("Load balancers in front that append to X-Forwarded-For."),
  refusedCidrs: z
    .array(z.string())
    .default([])
    .describe("Ranges that are never a pod's own, e.g. the cluster's Services; never dialled."),
  limits: limitsSchema.default(limitsSchema.parse({})),
});
