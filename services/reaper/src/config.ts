import { natsConfigSchema } from "@carrel/messaging";
import { z } from "zod";

/** Configuration of the reaper. */
export const configSchema = z.object({
  namespace: z.string().min(1).describe("Carrel's own namespace: the lease of the leader election."),
  identity: z
    .string()
    .min(1)
    .optional()
    .describe("Name of this replica in the leader election; default host name and a random part."),
  kubeconfig: z.string().min(1).optional().describe("A kubeconfig file; without it the Pod's ServiceAccount."),
  parametersNamespace: z
    .string()
    .min(1)
    .optional()
    .describe("Where the secret parameters of sessions are kept; default `NAMESPACE-parameters`."),
  nats: natsConfigSchema,
});
export type Config = z.output<typeof configSchema>;
