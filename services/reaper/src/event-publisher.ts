import type { Logger, Runnable } from "@carrel/kube";
import type { Messaging } from "@carrel/messaging";
import type { Clock } from "@carrel/std";

export interface EventPublisherOptions {
  /** Tries until it is connected; rejects only when that is hopeless for now, or when the signal aborts. */
  readonly connect: (signal: AbortSignal) => Promise<Messaging>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pause before another try after NATS has refused the credentials, default 10 s. */
  readonly retryMs?: number;
}

/**
 * Publishes events whenever there is a connection to NATS. Sessions end on time without NATS, so nothing waits for one,
 * and nothing fails for want of one: whatever becomes of it, a new one is made, for as long as this runs.
 */
export class EventPublisher implements Runnable {
  readonly name = "events";
  readonly #options: EventPublisherOptions;
  #messaging: Messaging | undefined;

  constructor(options: EventPublisherOptions) {
    this.#options = options;
  }

  /** Never throws, never waits: an event is a hint, and lost without a connection. */
  publish(subject: string, body: object): void {
    this.#messaging?.publishEvent(subject, body);
  }

  /** Keeps connected until the signal aborts, then sends what was published and closes. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { connect, clock, logger, retryMs = 10_000 } = this.#options;
    while (!signal.aborted) {
      try {
        this.#messaging = await connect(signal);
        const error = await closedOf(this.#messaging, signal);
        if (!signal.aborted) logger.warn({ err: error }, "no events: NATS closed the connection");
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, "no events: NATS is not connected");
      }
      this.#messaging = undefined;
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}

/** Waits until the connection is gone for good; ends it in good order when the signal aborts. */
async function closedOf(messaging: Messaging, signal: AbortSignal): Promise<Error | undefined> {
  const close = (): void => void messaging.close();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  const error = await messaging.closed;
  signal.removeEventListener("abort", close);
  return error;
}
