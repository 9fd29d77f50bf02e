import { JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import type { ConsumerPlan, StreamPlan, WorkQueuePlan } from "./work-queue-plan.ts";

/** `stream name already in use with a different configuration`. */
const STREAM_EXISTS = 10058;
/** `consumer already exists`. */
const CONSUMER_EXISTS = 10148;

/**
 * Makes the streams and consumers of a work queue what the plan says; changes nothing that is so already.
 * @throws JetStreamNotEnabled, JetStreamApiError, or the error of a request that got no answer.
 */
export async function ensureWorkQueue(manager: JetStreamManager, plan: WorkQueuePlan): Promise<void> {
  await Promise.all(plan.streams.map((stream) => ensureStream(manager, stream)));
  await Promise.all(plan.consumers.map((consumer) => ensureConsumer(manager, consumer)));
}

async function ensureStream(manager: JetStreamManager, plan: StreamPlan): Promise<void> {
  try {
    await manager.streams.add({ ...plan });
  } catch (error) {
    if (!isApiError(error, STREAM_EXISTS)) throw error;
    await manager.streams.update(plan.name, { ...plan });
  }
}

async function ensureConsumer(manager: JetStreamManager, { stream, ...plan }: ConsumerPlan): Promise<void> {
  try {
    await manager.consumers.add(stream, plan);
  } catch (error) {
    if (!isApiError(error, CONSUMER_EXISTS)) throw error;
    await manager.consumers.update(stream, plan.durable_name, plan);
  }
}

function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}
