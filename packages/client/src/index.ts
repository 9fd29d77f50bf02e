/**
 * @carrel/client: Carrel for SaaS backends.
 *
 * @module
 */
export { ApiError, type CreateRequest, type ErrorCode, type SessionView } from "@carrel/api";
export { NoAnswerError, RemoteError, type MessagingCredentials, type MessagingTls } from "@carrel/messaging";
export * from "./carrel-client.ts";
export type { SessionEvent, SessionEvents } from "./session-events.ts";
