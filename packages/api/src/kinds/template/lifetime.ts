import { z } from "zod";
import { duration, secondsInCel } from "./duration.ts";

/** How long a session lives, and who may stretch it. */
export const lifetimeSchema = z
  .object({
    /** From the claim (cold: from the request) to the end. */
    duration: duration.default("1h"),
    /** No extension goes past this, counted like `duration`. */
    max: duration.default("8h"),
    /** Not ready by then: the session fails and is torn down. */
    startDeadline: duration.default("5m"),
    /** Not started by then: a session that waits in the queue is given up. */
    queueDeadline: duration.default("15m"),
    /** Nobody used it for so long: it ends. Absent: never. */
    idle: duration.optional(),
    /** Nobody opened it within this time after it was ready: it ends. Absent: never. */
    activateWithin: duration.optional(),
    /** One extension. Default: a quarter of the duration (of at most 4 h), at least 5 minutes. */
    extension: duration.optional(),
    /** How long before the end the user is warned. */
    warnings: z.array(duration).max(5).default(["10m", "2m"]),
  })
  .default({
    duration: "1h",
    max: "8h",
    startDeadline: "5m",
    queueDeadline: "15m",
    warnings: ["10m", "2m"],
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: `${secondsInCel("duration")} <= ${secondsInCel("max")}`,
        message: "duration must not exceed max",
        fieldPath: ".duration",
      },
      {
        rule: `${secondsInCel("startDeadline")} <= ${secondsInCel("max")}`,
        message: "startDeadline must not exceed max",
        fieldPath: ".startDeadline",
      },
      {
        rule: `!has(self.idle) || ${secondsInCel("idle")} >= 60`,
        message: "idle must be at least 60s",
        fieldPath: ".idle",
      },
    ],
  });
export type Lifetime = z.infer<typeof lifetimeSchema>;
