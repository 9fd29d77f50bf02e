import {
  createRequestSchema,
  deadLetterSchema,
  endSessionRequestSchema,
  errorReplySchema,
  errorViewSchema,
  extendRequestSchema,
  getRequestSchema,
  listReplySchema,
  listRequestSchema,
  revokeRequestSchema,
  sessionEventSchema,
  sessionReplySchema,
  sessionViewSchema,
  tokenRequestSchema,
} from "@carrel/api";
import { z } from "zod";
import type { GeneratedFile } from "./generated-file.ts";

export type Json = { [key: string]: unknown };

/** Every message body of the request API, with what it is. Those that others hold come first. */
export const MESSAGE_SCHEMAS = {
  ErrorView: [errorViewSchema, "What went wrong. Branch on `code`; `retryable` says whether asking again can help."],
  SessionView: [sessionViewSchema, "A session as callers see it; it holds no secret."],
  CreateRequest: [createRequestSchema, "Asks for a session. Unknown fields are refused."],
  GetRequest: [getRequestSchema, "Asks what a session is like."],
  ListRequest: [listRequestSchema, "Asks for the tenant's sessions, oldest first, by pages."],
  ExtendRequest: [extendRequestSchema, "Moves a session's end forward."],
  EndRequest: [endSessionRequestSchema, "Ends a session."],
  RevokeRequest: [revokeRequestSchema, "Makes every token void that was minted before now, and cuts open streams."],
  TokenRequest: [tokenRequestSchema, "Asks for a fresh exchange token."],
  SessionReply: [sessionReplySchema, "The session; with an exchange token where one was asked for and it is ready."],
  ListReply: [listReplySchema, "A page of sessions; `continue` is there when more follow."],
  ErrorReply: [errorReplySchema, "The request failed; `requestId` finds it in the logs."],
  SessionEvent: [sessionEventSchema, "Something happened to a session. A hint: it may be lost or come twice."],
  DeadLetter: [deadLetterSchema, "A queued request that came to nothing, for operators."],
} as const satisfies Readonly<Record<string, readonly [z.ZodType, string]>>;
export type MessageSchemaName = keyof typeof MESSAGE_SCHEMAS;

/** What other schemas only refer to. */
const SHARED: readonly MessageSchemaName[] = ["ErrorView", "SessionView"];

/**
 * The JSON Schemas (draft 7) of all message bodies. `reference` says how one names another.
 *
 * As senders see them: a field with a default may be left out, and a reply may have fields that are not named here.
 */
export function messageSchemas(reference: (name: MessageSchemaName) => string): Record<MessageSchemaName, Json> {
  const names = Object.keys(MESSAGE_SCHEMAS) as MessageSchemaName[];
  const plain = Object.fromEntries(names.map((name) => [name, bodySchema(name)])) as Record<MessageSchemaName, Json>;
  const shared = new Map(SHARED.map((name) => [JSON.stringify(plain[name]), name]));
  const refer = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(refer);
    if (typeof node !== "object" || node === null) return node;
    const name = shared.get(JSON.stringify(node));
    if (name !== undefined) return { $ref: reference(name) };
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, refer(value)]));
  };
  const documented = names.map((name) => {
    const schema = SHARED.includes(name) ? plain[name] : (refer(plain[name]) as Json);
    return [name, { title: name, description: MESSAGE_SCHEMAS[name][1], ...schema }];
  });
  return Object.fromEntries(documented) as Record<MessageSchemaName, Json>;
}

/** `docs/reference/schemas/NAME.json`, one for each message body. */
export function generateJsonSchemas(): GeneratedFile[] {
  const schemas = messageSchemas((name) => `${fileName(name)}.json`);
  return Object.entries(schemas).map(([name, schema]) => {
    const document = {
      $schema: "http://json-schema.org/draft-07/schema#",
      $id: `https://carrel.dev/schemas/v1/${fileName(name)}.json`,
      ...schema,
    };
    return {
      path: `docs/reference/schemas/${fileName(name)}.json`,
      content: `${JSON.stringify(document, undefined, 2)}\n`,
    };
  });
}

function bodySchema(name: MessageSchemaName): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(MESSAGE_SCHEMAS[name][0], { target: "draft-7", io: "input" });
  return withoutSafeIntegerBounds(schema) as Json;
}

/** zod bounds every integer by the safe integers; nobody needs to read that. */
function withoutSafeIntegerBounds(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSafeIntegerBounds);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(
    ([key, value]) =>
      !((key === "minimum" || key === "maximum") && Math.abs(value as number) >= Number.MAX_SAFE_INTEGER),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutSafeIntegerBounds(value)]));
}

function fileName(name: string): string {
  return name.replaceAll(/(?<!^)[A-Z]/g, "-$&").toLowerCase();
}
