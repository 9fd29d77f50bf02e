import { z } from "zod";
import { duration } from "./duration.ts";

const clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/);

/** Spare workspaces that stand ready, so that a session starts by a claim instead of a pod. */
export const poolSchema = z
  .object({
    /** Spares to keep, outside of `schedule`. */
    size: z.int().min(0).max(1000),
    /** Below this many ready spares the condition `PoolHealthy` is False. */
    minReady: z.int().min(0).max(1000).default(0),
    /** A spare older than this is replaced. */
    maxAge: duration.default("12h"),
    /** Other sizes at other times; the first entry that holds now wins. */
    schedule: z
      .array(
        z.object({
          days: z
            .array(z.enum(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]))
            .min(1)
            .max(7)
            .default(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]),
          from: clock.max(5),
          /** Before `from`: of the next day. */
          to: clock.max(5),
          /** IANA name. */
          timeZone: z.string().max(64).default("UTC"),
          size: z.int().min(0).max(1000),
        }),
      )
      .max(16)
      .default([]),
  })
  .meta({
    "x-kubernetes-validations": [
      { rule: "self.minReady <= self.size", message: "minReady must not exceed size", fieldPath: ".minReady" },
    ],
  });
export type Pool = z.infer<typeof poolSchema>;
