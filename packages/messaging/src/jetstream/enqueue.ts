import { ApiError, HEADERS } from "@carrel/api";
import { backoffMs, deadlineSignal, systemClock } from "@carrel/std";
import type { PubAck } from "@nats-io/jetstream";
import { createInbox, type Msg } from "@nats-io/transport-node";
import { NoAnswerError } from "../errors.ts";
import type { Answered } from "../messaging.ts";
import { toNatsHeaders } from "../message-headers.ts";
import { decodeReply, firstOf, translateRequestError } from "../request.ts";
import type { MessagingSession } from "../session.ts";
import { traceparentOrNew } from "../trace-context.ts";

/** How to leave a request in a queue. */
export interface EnqueueOptions {
  /** `Deadline`, `Reply-To` and `traceparent` are added when absent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** How long the queue may take to confirm, in milliseconds; default 5,000. */
  readonly timeoutMs?: number;
  /** How long to wait for the answer, in milliseconds; default 600,000. It becomes the request's `Deadline`. */
  readonly answerTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A request that a queue has. Dispose it to listen for its answer no longer. */
export interface Enqueued<Body extends object> extends Disposable {
  /**
   * The answer. A broken connection does not end the wait: as the answer may have come meanwhile, the request is sent
   * again after each reconnect, with the same idempotency key. Rejects with RemoteError what was answered; NoAnswerError
   * `timeout` when no answer came in time; the signal's reason.
   */
  readonly answer: Promise<Answered<Body>>;
}

/** How much later than the deadline an answer may still be on its way. */
const GRACE_MS = 1000;
const FULL_RETRY_MS = 1000;
/** `maximum messages exceeded`, per subject too; `maximum bytes exceeded`; `message size exceeds maximum allowed`. */
const STORE_FAILED = 10077;
const TOO_LARGE = 10054;

/** See `Messaging.enqueue`. */
export async function enqueue<Body extends object>(
  session: MessagingSession,
  subject: string,
  body: object,
  options: EnqueueOptions = {},
): Promise<Enqueued<Body>> {
  const { connection, state } = session;
  const { timeoutMs = 5000, answerTimeoutMs = 600_000, signal } = options;
  signal?.throwIfAborted();
  if (!state.connected()) throw new NoAnswerError("not-connected", "there is no connection to NATS");
  const lost = state.connectionLost();
  const replyTo = createInbox(session.inboxPrefix);
  const answered = Promise.withResolvers<Msg>();
  const inbox = connection.subscribe(replyTo, {
    max: 1,
    callback: (error, message) => (error === null ? answered.resolve(message) : answered.reject(error)),
  });
  const over = new AbortController();
  let stopFollowing: () => void = () => undefined;
  const dispose = (): void => {
    over.abort();
    stopFollowing();
    if (!inbox.isClosed()) inbox.unsubscribe();
    answered.reject(new NoAnswerError("timeout", `nobody waits for the answer on ${subject} any more`));
  };
  answered.promise.catch(() => undefined);
  const headers = toNatsHeaders({
    [HEADERS.deadline]: String(Math.floor(systemClock.now() + answerTimeoutMs)),
    [HEADERS.replyTo]: replyTo,
    ...options.headers,
    [HEADERS.traceparent]: traceparentOrNew(options.headers?.[HEADERS.traceparent]),
  });
  const store = async (during: AbortSignal, until?: AbortSignal): Promise<void> => {
    const stored = connection.request(subject, JSON.stringify(body), { timeout: timeoutMs, headers });
    assertStored((await firstOf(stored, during, until)).json<PubAck & { error?: StoreError }>());
  };
  try {
    await store(lost, signal);
  } catch (error) {
    dispose();
    if (signal?.aborted === true && error === signal.reason) throw error;
    throw translateRequestError(error, subject, timeoutMs, lost.aborted);
  }
  stopFollowing = state.onReconnect(() => void askAgain(store, state.connectionLost(), over.signal));
  const answer = answerOf<Body>(answered.promise, subject, answerTimeoutMs, signal).finally(dispose);
  // Who does not ask need not handle it.
  answer.catch(() => undefined);
  return { answer, [Symbol.dispose]: dispose };
}

/** Sends it again until the queue has it; a server that has just come back may have no streams yet. Never rejects. */
async function askAgain(
  store: (during: AbortSignal) => Promise<void>,
  lost: AbortSignal,
  over: AbortSignal,
): Promise<void> {
  for (let attempt = 0; !lost.aborted && !over.aborted; attempt++) {
    try {
      return await store(lost);
    } catch {
      const pauseMs = 100 + backoffMs(attempt, { baseMs: 200, maxMs: 5000 });
      await systemClock.sleep(pauseMs, over).catch(() => undefined);
    }
  }
}

interface StoreError {
  readonly err_code: number;
  readonly description: string;
}

function assertStored({ error }: { readonly error?: StoreError }): void {
  if (error === undefined) return;
  if (error.err_code === TOO_LARGE) throw new ApiError("INVALID", "the request is larger than the queue takes");
  const why = error.err_code === STORE_FAILED ? "the queue is full" : `the queue refuses: ${error.description}`;
  throw new ApiError("UNAVAILABLE", why, { retryAfterMs: FULL_RETRY_MS });
}

async function answerOf<Body extends object>(
  answer: Promise<Msg>,
  subject: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Answered<Body>> {
  const late = deadlineSignal(timeoutMs + GRACE_MS, signal);
  const never = new AbortController().signal;
  try {
    return decodeReply<Body>(await firstOf(answer, never, late));
  } catch (error) {
    if (!late.aborted || error !== late.reason || signal?.aborted === true) throw error;
    throw new NoAnswerError("timeout", `no answer on ${subject} within ${Math.round(timeoutMs)} ms`, { cause: error });
  }
}
