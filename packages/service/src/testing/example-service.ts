/** A service for the tests of runService, run as a child process. How it misbehaves is told by CARREL_BEHAVIOUR. */
import { CarrelError, systemClock } from "@carrel/std";
import { z } from "zod";
import { runService } from "../run-service.ts";

await runService({
  name: "example",
  version: "1.0.0",
  schema: z.object({
    behaviour: z.enum(["good", "throw", "return", "crash", "reject", "hang", "fail", "wait"]).default("good"),
    workers: z.int().min(1),
  }),
  main: async ({ config, logger, signal, stopped, probes, fail }) => {
    if (config.behaviour === "throw") throw new CarrelError("NO_LUCK", "cannot start");
    if (config.behaviour === "return") return;
    probes.addReady("workers", () => config.workers > 0);
    probes.started();
    logger.info({ port: probes.port }, "serving");
    if (config.behaviour === "crash")
      setTimeout(() => {
        throw new Error("a bug");
      }, 10);
    if (config.behaviour === "reject") void Promise.reject(new Error("forgotten"));
    if (config.behaviour === "fail") setTimeout(() => fail(new Error("connection closed")), 10);
    if (config.behaviour === "wait") await systemClock.sleep(600_000, signal);
    await stopped;
    logger.info({}, "draining");
    if (config.behaviour === "hang") await new Promise(() => setInterval(() => {}, 1000));
  },
});
