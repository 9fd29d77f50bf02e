import { CREATES_CONSUMER, createRequestSchema, STREAMS, subjects } from "@carrel/api";
import type { Messaging, SettledRequest, WorkQueue } from "@carrel/messaging";
import { z } from "zod";
import { createSession } from "../create-session.ts";
import type { RequestContext } from "../request-context.ts";
import { translateErrors } from "../translate-errors.ts";
import { redactCreate } from "./redact-create.ts";

/** The keys of the queue of creates; meant as `creates` in the provisioner's configuration. */
export const createsConfigSchema = z
  .object({
    replicas: z.int().min(1).max(5).default(1).describe("Copies of the streams in a cluster of NATS servers."),
    maxQueued: z.int().min(1).max(1_000_000).default(10_000).describe("Creates that may wait; one tenant: half of it."),
    workers: z.int().min(1).max(1024).default(128).describe("Creates of the queue at once, in each replica."),
  })
  .prefault({})
  .describe("`session.create.async`: creates that a JetStream stream keeps while no provisioner takes them.");
export type CreatesConfig = z.output<typeof createsConfigSchema>;

/**
 * Works on `session.create.async`: the same handler and the same idempotency key as `session.create`, so whoever comes
 * again, on either way, meets the same session. Without JetStream only this is missing; `problem()` says so.
 */
export function workOnCreates(
  messaging: Messaging,
  context: RequestContext,
  config: CreatesConfig,
  onSettled: (settled: SettledRequest) => void,
): WorkQueue {
  return messaging.workQueue({
    subject: subjects.asyncCreate("*"),
    streams: { queue: STREAMS.creates, givenUp: STREAMS.givenUp, deadLetters: STREAMS.deadLetters },
    consumer: CREATES_CONSUMER,
    deadLetterSubject: subjects.deadLetter,
    replicas: config.replicas,
    maxMessages: config.maxQueued,
    workers: config.workers,
    schema: createRequestSchema,
    redact: redactCreate,
    onSettled,
    handle: ({ tenant, idempotencyKey, traceparent, signal, body }) =>
      translateErrors(() => createSession(context, { tenant, idempotencyKey, traceparent, signal }, body)),
  });
}
