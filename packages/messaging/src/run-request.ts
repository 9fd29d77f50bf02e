import { ApiError } from "@carrel/api";
import { systemClock } from "@carrel/std";
import { errorAnswer, type Answer } from "./answer.ts";
import type { Entry, FairQueue } from "./fair-queue.ts";
import type { AcceptedRequest, IncomingRequest } from "./incoming-request.ts";
import type { LogSink } from "./log-sink.ts";

/** What a request needs to run. */
export interface RunRequestOptions<Body> {
  readonly accepted: AcceptedRequest<Body>;
  readonly queue: FairQueue;
  readonly handle: (request: IncomingRequest<Body>) => Promise<object>;
  readonly stopping: AbortSignal;
  /** Called exactly once. */
  readonly answer: (answer: Answer) => void;
  readonly logger: LogSink;
}

/** A request that waits or runs. */
export interface RequestRun {
  /** Resolves when it was answered and its handler, if it was started, has ended or was given up. Never rejects. */
  readonly settled: Promise<void>;
  /** Aborts the handler's signal; answers at once if it still waits for its turn. */
  hurry(reason: ApiError): void;
  /** Answers in the handler's place, which may go on in vain. */
  giveUp(reason: ApiError): void;
}

/**
 * Runs a request in its turn and answers it exactly once, before its deadline. Undefined, and no answer, when there is no
 * room to wait.
 */
export function runRequest<Body>(options: RunRequestOptions<Body>): RequestRun | undefined {
  const { accepted, queue, handle, stopping, logger } = options;
  const { requestId, tenant, subject, deadline } = accepted;
  const controller = new AbortController();
  const answered = new AbortController();
  const settled = Promise.withResolvers<void>();

  const answer = (result: Answer): void => {
    if (answered.signal.aborted) return;
    answered.abort();
    options.answer(result);
  };
  const run = async (): Promise<void> => {
    const { headers, idempotencyKey, traceparent, body } = accepted;
    const { deadlineMs } = deadline;
    const { signal } = controller;
    try {
      const request = {
        subject,
        tenant,
        body,
        headers,
        idempotencyKey,
        deadlineMs,
        signal,
        stopping,
        requestId,
        traceparent,
      };
      answer({ body: await handle(request) });
    } catch (error) {
      const late = answered.signal.aborted;
      if (!(error instanceof ApiError))
        logger.error({ err: error, subject, tenant, requestId, traceparent, late }, "a handler failed");
      answer(errorAnswer(error));
    } finally {
      queue.leave(entry);
      settled.resolve();
    }
  };
  const entry: Entry = { key: tenant, start: () => void run() };
  if (!queue.enter(entry)) return undefined;

  const hurry = (reason: ApiError): void => {
    controller.abort(reason);
    if (!queue.remove(entry)) return;
    answer(errorAnswer(reason));
    settled.resolve();
  };
  const giveUp = (reason: ApiError): void => {
    hurry(reason);
    if (!answered.signal.aborted) logger.error({ subject, tenant, requestId }, "a handler did not end in time");
    answer(errorAnswer(reason));
    settled.resolve();
  };
  const watchDeadline = async (): Promise<void> => {
    const until = (timeMs: number): Promise<void> => systemClock.sleep(timeMs - systemClock.now(), answered.signal);
    const reason = new ApiError("UNAVAILABLE", "not done by the deadline; ask again with the same idempotency key");
    await until(deadline.hurryAtMs);
    hurry(reason);
    await until(deadline.answerAtMs);
    giveUp(reason);
  };
  // It rejects when the request was answered in time.
  watchDeadline().catch(() => undefined);
  return { settled: settled.promise, hurry, giveUp };
}
