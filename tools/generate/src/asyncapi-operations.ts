import type { SessionOperation } from "@carrel/api";
import type { MessageSchemaName } from "./json-schemas.ts";

/** What the AsyncAPI document says of an operation. */
export interface OperationText {
  readonly summary: string;
  readonly request: MessageSchemaName;
  readonly reply: "SessionReply" | "ListReply";
  /** `required`: without it the request is INVALID. */
  readonly idempotencyKey: "required" | "used" | "ignored";
  readonly example: object;
}

const session = "sabcdefghijklmnopqrst";

/** The operations of the request API in words. */
export const OPERATION_TEXTS: Readonly<Record<SessionOperation, OperationText>> = {
  create: {
    summary: "Creates a session, or finds the one that the same idempotency key made.",
    request: "CreateRequest",
    reply: "SessionReply",
    idempotencyKey: "required",
    example: { template: "kubernetes-basics", user: { id: "ada" }, parameters: { difficulty: "easy" } },
  },
  get: {
    summary: "Tells what a session is like.",
    request: "GetRequest",
    reply: "SessionReply",
    idempotencyKey: "ignored",
    example: { session },
  },
  list: {
    summary: "Lists the tenant's sessions.",
    request: "ListRequest",
    reply: "ListReply",
    idempotencyKey: "ignored",
    example: { user: "ada", limit: 50 },
  },
  extend: {
    summary: "Moves a session's end forward; a retry with the same idempotency key does not move it twice.",
    request: "ExtendRequest",
    reply: "SessionReply",
    idempotencyKey: "used",
    example: { session, by: "30m" },
  },
  end: {
    summary: "Ends a session; ending one that has ended is no error.",
    request: "EndRequest",
    reply: "SessionReply",
    idempotencyKey: "ignored",
    example: { session, reason: "EndedByUser" },
  },
  revoke: {
    summary: "Makes every token void that was minted before now.",
    request: "RevokeRequest",
    reply: "SessionReply",
    idempotencyKey: "ignored",
    example: { session },
  },
  token: {
    summary: "Mints an exchange token for a session that is ready.",
    request: "TokenRequest",
    reply: "SessionReply",
    idempotencyKey: "ignored",
    example: { session },
  },
};
