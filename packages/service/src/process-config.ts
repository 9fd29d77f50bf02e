import { z } from "zod";
import { LOG_LEVELS } from "./logger.ts";

const processShape = {
  logLevel: z.enum(LOG_LEVELS).default("info").describe("The least important log lines that are written."),
  probesPort: z
    .int()
    .min(0)
    .max(65535)
    .default(8081)
    .describe("Port of /healthz, /readyz and /metrics; 0 takes a free one."),
  probesHost: z.string().min(1).optional().describe("Address of that port; all addresses when absent."),
  drainDelayMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(0)
    .describe("From failing readiness to stopping, in milliseconds: the time that load balancers need to notice."),
  shutdownTimeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(60_000)
    .describe("The longest that stopping may take, in milliseconds, before the process exits with 1."),
};

/** The keys that every service has. */
export const processConfigSchema = z.object(processShape);
export type ProcessConfig = z.output<typeof processConfigSchema>;

/** A service's schema together with the keys that every service has: what `runService` loads and docs describe. */
export function withProcessConfig(schema: z.ZodObject): z.ZodObject {
  return schema.safeExtend(processShape);
}
