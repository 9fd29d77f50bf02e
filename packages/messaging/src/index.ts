/**
 * @carrel/messaging: requests and events over NATS. The one place that names `@nats-io/*`.
 *
 * @module
 */
export type { Outcome } from "./answer.ts";
export * from "./connect-messaging.ts";
export type { MessagingCredentials } from "./credentials.ts";
export type { Announced, AnnounceOptions } from "./discovery/announce.ts";
export type { Endpoint } from "./discovery/endpoint-statistics.ts";
export * from "./errors.ts";
export type { EventOptions, EventStream, ReceivedEvent } from "./events.ts";
export * from "./inbox.ts";
export type { IncomingRequest } from "./incoming-request.ts";
export type { EnqueueOptions, Enqueued } from "./jetstream/enqueue.ts";
export type { SettledRequest, WorkQueue, WorkQueueOptions } from "./jetstream/work-queue-options.ts";
export type { WorkQueueLayout } from "./jetstream/work-queue-plan.ts";
export * from "./log-sink.ts";
export type { MessageHeaders } from "./message-headers.ts";
export type { Answered, Messaging } from "./messaging.ts";
export * from "./nats-config.ts";
export type { RequestOptions } from "./request.ts";
export type { AnsweredRequest, Served, ServeOptions } from "./serve.ts";
