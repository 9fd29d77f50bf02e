import { ApiError } from "@carrel/api";
import type { Msg } from "@nats-io/transport-node";
import { fromNatsHeaders, toNatsHeaders, type MessageHeaders } from "./message-headers.ts";
import type { MessagingSession } from "./session.ts";

/** Something that was heard. */
export type ReceivedEvent =
  | { readonly type: "event"; readonly subject: string; readonly body: unknown; readonly headers: MessageHeaders }
  /** Events may have been missed; events are hints, so list what matters again. */
  | { readonly type: "gap"; readonly reason: "reconnected" | "overflow" };

/** How to listen. */
export interface EventOptions {
  /** Share the events among the members of a group. */
  readonly queue?: string;
  /** Events that may wait for the consumer; what comes on top is dropped and told as a gap. Default 1,024. */
  readonly maxBuffered?: number;
  readonly signal?: AbortSignal | undefined;
}

/** See `Messaging.publishEvent`. */
export function publishEvent(
  { connection, state, logger }: MessagingSession,
  subject: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): boolean {
  try {
    if (!state.connected()) return false;
    connection.publish(subject, JSON.stringify(body), { headers: toNatsHeaders(headers) });
    return true;
  } catch (error) {
    logger.warn({ err: error, subject }, "an event cannot be published");
    return false;
  }
}

/** Events being heard. Ends when it is disposed, left by `break`, or its signal aborts. */
export interface EventStream extends AsyncIterableIterator<ReceivedEvent, undefined>, AsyncDisposable {
  /**
   * Resolves when the server listens: list what is there after this, and nothing falls in between. Rejects with
   * ApiError `FORBIDDEN`. Without a connection it resolves at once, and a gap follows the reconnect.
   */
  readonly ready: Promise<void>;
}

/** See `Messaging.events`. */
export function subscribeEvents(
  { connection, state, logger }: MessagingSession,
  subject: string,
  options: EventOptions = {},
): EventStream {
  const { maxBuffered = 1024, signal } = options;
  const buffer: ReceivedEvent[] = [];
  let wake = Promise.withResolvers<void>();
  let failure: ApiError | undefined;
  let ended = false;
  const ring = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  const push = (event: ReceivedEvent): void => {
    if (buffer.length < maxBuffered) buffer.push(event);
    else if (buffer.at(-1)?.type !== "gap") buffer.push({ type: "gap", reason: "overflow" });
    ring();
  };

  const subscription = connection.subscribe(subject, {
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    callback: (error, message) => {
      if (error !== null) {
        failure = new ApiError("FORBIDDEN", `NATS does not allow this user to hear ${subject}`, { cause: error });
        return close();
      }
      const event = read(message);
      if (event === undefined) logger.debug({ subject: message.subject }, "dropped an event that is not JSON");
      else push(event);
    },
  });
  const stopReconnects = state.onReconnect(() => push({ type: "gap", reason: "reconnected" }));
  signal?.addEventListener("abort", close, { once: true });
  void subscription.closed.then(close);
  if (signal?.aborted === true) close();

  function close(): void {
    if (ended) return;
    ended = true;
    stopReconnects();
    signal?.removeEventListener("abort", close);
    if (!subscription.isClosed()) subscription.unsubscribe();
    ring();
  }

  // The server complains before it answers the ping of the flush.
  const ready = (state.connected() ? connection.flush().catch(() => undefined) : Promise.resolve()).then(() => {
    if (failure !== undefined) throw failure;
  });
  // Who does not ask gets the error from `next`.
  ready.catch(() => undefined);

  const stream: EventStream = {
    ready,
    [Symbol.asyncIterator]: () => stream,
    next: async () => {
      for (;;) {
        const event = buffer.shift();
        if (event !== undefined) return { done: false, value: event };
        if (failure !== undefined) throw failure;
        if (ended) return { done: true, value: undefined };
        await wake.promise;
      }
    },
    return: async () => {
      buffer.length = 0;
      close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncDispose]: async () => close(),
  };
  return stream;
}

function read(message: Msg): ReceivedEvent | undefined {
  try {
    return {
      type: "event",
      subject: message.subject,
      body: message.json<unknown>(),
      headers: fromNatsHeaders(message),
    };
  } catch {
    return undefined;
  }
}
