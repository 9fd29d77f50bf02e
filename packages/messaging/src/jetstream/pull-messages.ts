import { systemClock } from "@carrel/std";
import type { Consumer, ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import type { Room } from "./room.ts";

/** How messages are pulled. */
export interface PullOptions {
  readonly consumer: Consumer;
  /** Never more is pulled than it has free; `onMessage` takes of it. */
  readonly room: Room;
  readonly onMessage: (message: JsMsg) => void;
  /** Ends the pulling: nothing more is asked for. */
  readonly signal: AbortSignal;
}

/** How long the server keeps a pull open when there is nothing to deliver. */
const PULL_EXPIRES_MS = 20_000;
/** A server that is silent for two of these does not answer. */
const IDLE_HEARTBEAT_MS = 5_000;
/** A server that ends pulls at once must not be asked in a loop. */
const MIN_PAUSE_MS = 10;

/**
 * Pulls messages until the signal aborts, never more than there is room for: what is not pulled stays with the server,
 * for others to take.
 * @throws when the server refuses (consumer or stream deleted, JetStream gone) or is silent.
 */
export async function pullMessages({ consumer, room, onMessage, signal }: PullOptions): Promise<void> {
  while (!signal.aborted) {
    await room.freed(signal).catch(() => undefined);
    if (signal.aborted) return;
    const startMs = systemClock.monotonic();
    const messages = await consumer.fetch({
      max_messages: room.free,
      expires: PULL_EXPIRES_MS,
      idle_heartbeat: IDLE_HEARTBEAT_MS,
    });
    const delivered = await drain(messages, onMessage, signal);
    if (delivered === 0 && systemClock.monotonic() - startMs < MIN_PAUSE_MS)
      await systemClock.sleep(MIN_PAUSE_MS, signal).catch(() => undefined);
  }
}

async function drain(
  messages: ConsumerMessages,
  onMessage: (message: JsMsg) => void,
  signal: AbortSignal,
): Promise<number> {
  const stop = (): void => messages.stop();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  let delivered = 0;
  try {
    for await (const message of messages) {
      delivered += 1;
      onMessage(message);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return delivered;
}
