import type { z } from "zod";
import type { Announced, AnnounceOptions } from "./discovery/announce.ts";
import type { EventOptions, EventStream } from "./events.ts";
import type { EnqueueOptions, Enqueued } from "./jetstream/enqueue.ts";
import type { WorkQueue, WorkQueueOptions } from "./jetstream/work-queue-options.ts";
import type { RequestOptions } from "./request.ts";
import type { Served, ServeOptions } from "./serve.ts";

/** A connection to NATS. Dispose it (or `close`) to drain and end it. */
export interface Messaging extends AsyncDisposable {
  /** For readiness: false while there is no connection. */
  connected(): boolean;
  /** Resolves when the connection is gone for good, with the error if it was not asked for. */
  readonly closed: Promise<Error | undefined>;
  /**
   * Sends a request and gives the body of the answer.
   * @throws RemoteError what the other side answered; NoAnswerError (`UNAVAILABLE`) at once without responders or
   * connection, as soon as the connection breaks, or after the time; ApiError `FORBIDDEN` without permission,
   * `INVALID` when it cannot be sent; the signal's reason.
   */
  request<Body extends object>(subject: string, body: object, options?: RequestOptions): Promise<Answered<Body>>;
  /**
   * Leaves a request in a work queue, which keeps it while nobody is there to work on it. Resolves when the queue has it.
   * @throws NoAnswerError (`UNAVAILABLE`) when the queue did not confirm: it may have it all the same; ApiError
   * `UNAVAILABLE` when the queue is full, `INVALID` when it is too large, `FORBIDDEN` without permission.
   */
  enqueue<Body extends object>(subject: string, body: object, options?: EnqueueOptions): Promise<Enqueued<Body>>;
  /**
   * Works on the requests of a work queue until it is closed. Sets the queue up in the background, again and again when
   * that fails: `problem()` tells. Each request is answered by its deadline, also when workers die, as long as the
   * queue's stream lives.
   */
  workQueue<Schema extends z.ZodType>(options: WorkQueueOptions<Schema>): WorkQueue;
  /** Answers requests until it is closed. @throws ApiError `FORBIDDEN` when the user may not listen there. */
  serve<Schema extends z.ZodType>(options: ServeOptions<Schema>): Promise<Served>;
  /** Lets `nats service` and its like find this process, as NATS' service API (ADR-32) has it. */
  announce(options: AnnounceOptions): Announced;
  /**
   * Publishes an event: fire and forget. False when it certainly was not sent. Never throws.
   */
  publishEvent(subject: string, body: object, headers?: Readonly<Record<string, string>>): boolean;
  /**
   * Events on a subject (wildcards allowed), from this call on, until the signal aborts or the connection is closed for
   * good. Iterating throws ApiError `FORBIDDEN` when the user may not listen there.
   */
  events(subject: string, options?: EventOptions): EventStream;
  close(): Promise<void>;
}

/** The body of an answer and the id that finds the request in the logs. */
export type Answered<Body extends object> = Body & { readonly requestId: string };
