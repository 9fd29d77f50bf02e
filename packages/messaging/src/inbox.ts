import { inboxPrefix } from "@carrel/api";

export { inboxPrefix };

/** Where the server moves replies that cross accounts; clients cannot use it (nats-server `isReservedReply`). */
const SERVICE_IMPORT_PREFIX = "_R_.";

/**
 * True when a reply subject belongs to the tenant. A responder may publish what the tenant may not: without this check
 * a request with a forged reply subject would make it write into another tenant's inbox, or an event.
 */
export function isInboxOf(tenant: string, reply: string): boolean {
  return reply.startsWith(`${inboxPrefix(tenant)}.`) || reply.startsWith(SERVICE_IMPORT_PREFIX);
}

/**
 * True for an inbox of the tenant that a header names. Nothing but this check stands between the sender and the subject:
 * the server has not looked at it, so what it reserves for itself is no inbox here.
 */
export function isNamedInboxOf(tenant: string, replyTo: string): boolean {
  const prefix = `${inboxPrefix(tenant)}.`;
  return replyTo.startsWith(prefix) && replyTo.length <= 256 && /^[^\s*>.]+(\.[^\s*>.]+)*$/.test(replyTo);
}
