import type { JetStreamClient } from "@nats-io/jetstream";
import type { MessagingSession } from "../session.ts";

/** What the parts of a work queue share. */
export interface QueueContext extends Pick<MessagingSession, "connection" | "logger"> {
  readonly client: JetStreamClient;
  readonly deadLetterSubject: (tenant: string) => string;
  readonly redact: (body: unknown) => unknown;
  readonly maxDeliver: number;
  /** Says that a stream is not there: all are made sure of again. */
  readonly streamMissing: () => void;
  /** True when unfinished requests go back to the queue: the process stops. */
  readonly handingOver: () => boolean;
}
