/**
 * Which keys want work: de-duplicated, one worker per key, delays, priorities, back-off.
 *
 * @module
 */
export { type Priority, PRIORITIES } from "./priority.ts";
export type { TokenBucketOptions } from "./token-bucket.ts";
export { WorkQueue } from "./work-queue.ts";
export type { WorkQueueOptions } from "./work-queue-options.ts";
