export { type Priority, PRIORITIES } from "./priority.ts";
export type { TokenBucketOptions } from "./token-bucket.ts";
export { WorkQueue } from "./work-queue.ts";
export type { WorkQueueOptions } from "./work-queue-options.ts";
