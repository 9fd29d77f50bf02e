import { AckPolicy, DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { ConsumerConfig, StreamConfig } from "@nats-io/jetstream";

/** Names and bounds of a work queue; what is optional has a default. */
export interface WorkQueueLayout {
  /** The subject that requests come on, with a wildcard for the tenant. */
  readonly subject: string;
  /** Names of its streams: requests, requests that the server gave up on, dead letters. */
  readonly streams: { readonly queue: string; readonly givenUp: string; readonly deadLetters: string };
  /** The durable consumer that all processes share. */
  readonly consumer: string;
  /** Where the dead letters of a tenant go; called with `*` for the stream's subject. */
  readonly deadLetterSubject: (tenant: string) => string;
  /** Copies of each stream in a cluster of servers: 1, 3 or 5; default 1. */
  readonly replicas?: number;
  /** Requests that may wait; what comes on top is refused at once. Default 10,000. */
  readonly maxMessages?: number;
  /** Requests of one tenant that may wait; default half of `maxMessages`. */
  readonly maxMessagesPerTenant?: number;
  /** How long a request is with a worker that gives no sign; default 30,000. */
  readonly ackWaitMs?: number;
  /** Deliveries of a request before the server gives up on it; default 6. */
  readonly maxDeliver?: number;
}

/** A work queue as the server is told about it. */
export interface WorkQueuePlan {
  readonly streams: readonly StreamPlan[];
  readonly consumers: readonly ConsumerPlan[];
  readonly maxAgeMs: number;
  readonly ackWaitMs: number;
  readonly maxDeliver: number;
}
export type StreamPlan = Partial<StreamConfig> & { readonly name: string };
export type ConsumerPlan = Partial<ConsumerConfig> & { readonly stream: string; readonly durable_name: string };

const NANOS_PER_MS = 1_000_000;
const MIB = 2 ** 20;
/** How long a request may wait: 15 min. */
const MAX_AGE_MS = 900_000;
/** A request is at most 64 KiB, and its headers come on top. */
const MAX_MESSAGE_BYTES = 128 * 1024;
/**
 * The shortest that the server takes. `Nats-Msg-Id` is not looked at per subject: one tenant's id would swallow another
 * tenant's request, and a retry after a lost answer would never be answered. The idempotency key is what counts.
 */
const DUPLICATE_WINDOW_MS = 100;
/** How long dead letters are kept: 7 days. */
const DEAD_LETTER_AGE_MS = 7 * 24 * 3_600_000;

/** The streams and consumers of a work queue with `workers` workers in each process. Pure. */
export function planWorkQueue(layout: WorkQueueLayout, workers: number): WorkQueuePlan {
  const { streams, consumer, maxMessages = 10_000, ackWaitMs = 30_000, maxDeliver = 6 } = layout;
  const common = { storage: StorageType.File, num_replicas: layout.replicas ?? 1, max_consumers: -1 };
  const queue: StreamPlan = {
    ...common,
    name: streams.queue,
    description: "Requests that wait for a provisioner",
    subjects: [layout.subject],
    retention: RetentionPolicy.Workqueue,
    // Overload is told to the sender at once.
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_msgs: maxMessages,
    max_msgs_per_subject: layout.maxMessagesPerTenant ?? Math.ceil(maxMessages / 2),
    max_bytes: 64 * MIB,
    max_msg_size: MAX_MESSAGE_BYTES,
    max_age: MAX_AGE_MS * NANOS_PER_MS,
    duplicate_window: DUPLICATE_WINDOW_MS * NANOS_PER_MS,
  };
  const givenUp: StreamPlan = {
    ...common,
    name: streams.givenUp,
    description: "Requests that the server gave up on, until they are answered",
    // An advisory that nobody hears would leave a request unanswered: a stream hears it.
    subjects: [`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${streams.queue}.${consumer}`],
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.Old,
    max_msgs: maxMessages,
    max_bytes: 16 * MIB,
    max_age: MAX_AGE_MS * NANOS_PER_MS,
  };
  const deadLetters: StreamPlan = {
    ...common,
    name: streams.deadLetters,
    description: "Requests that came to nothing, for operators",
    subjects: [layout.deadLetterSubject("*")],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_msgs: 100_000,
    max_bytes: 64 * MIB,
    max_age: DEAD_LETTER_AGE_MS * NANOS_PER_MS,
  };
  // No `backoff`: its first element would replace ack_wait.
  const pulled = { durable_name: consumer, ack_policy: AckPolicy.Explicit, ack_wait: ackWaitMs * NANOS_PER_MS };
  return {
    streams: [queue, givenUp, deadLetters],
    consumers: [
      { ...pulled, stream: streams.queue, max_deliver: maxDeliver, max_ack_pending: workers * 2 },
      { ...pulled, stream: streams.givenUp, max_deliver: -1, max_ack_pending: 64 },
    ],
    maxAgeMs: MAX_AGE_MS,
    ackWaitMs,
    maxDeliver,
  };
}
