import type { z } from "zod";
import type { Outcome } from "../answer.ts";
import type { IncomingRequest } from "../incoming-request.ts";
import type { WorkQueueLayout } from "./work-queue-plan.ts";

/** How to work on the requests of a queue. */
export interface WorkQueueOptions<Schema extends z.ZodType> extends WorkQueueLayout {
  readonly schema: Schema;
  /**
   * Gives the body of the answer, as for `Messaging.serve`. It must be idempotent: a request comes again when its worker
   * died, was cut off or gave no sign, and then two workers may be at it. A retryable ApiError puts the request back.
   */
  readonly handle: (request: IncomingRequest<z.output<Schema>>) => Promise<object>;
  /** What may be kept of the body of a request that came to nothing; default: nothing of it. */
  readonly redact?: (body: unknown) => unknown;
  /** Requests at once; default 64. */
  readonly workers?: number;
  /** Called each time that a worker is done with a request. */
  readonly onSettled?: (settled: SettledRequest) => void;
}

/** What a worker did. */
export interface SettledRequest {
  /** The queue's subject, with its wildcards. */
  readonly subject: string;
  readonly outcome: Outcome;
  /** The request was put back and comes again. */
  readonly retried: boolean;
  readonly durationMs: number;
}

/** A work queue being served. Dispose it to stop in good order. */
export interface WorkQueue extends AsyncDisposable {
  /**
   * Why it is not served, in words: no JetStream on the server, no permission, no connection; undefined while it is.
   * It is tried again and again meanwhile.
   */
  problem(): string | undefined;
  /** Requests that are with this process. */
  inFlight(): number;
  /**
   * Takes no more requests, lets handlers finish for `timeoutMs` (default 10,000), then gives back what is not done: it
   * goes to another process at once. Never rejects.
   */
  close(timeoutMs?: number): Promise<void>;
}
