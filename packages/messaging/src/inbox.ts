/**
 * The prefix of a user's inboxes; its permissions name `_INBOX_<user>.>` and nothing else. With the default prefix
 * (`_INBOX`) every user could read everybody's replies.
 */
export function inboxPrefix(user: string): string {
  return `_INBOX_${user}`;
}

/** Where the server moves replies that cross accounts; clients cannot use it (nats-server `isReservedReply`). */
const SERVICE_IMPORT_PREFIX = "_R_.";

/**
 * True when a reply subject belongs to the tenant. A responder may publish what the tenant may not: without this check
 * a request with a forged reply subject would make it write into another tenant's inbox, or an event.
 */
export function isInboxOf(tenant: string, reply: string): boolean {
  return reply.startsWith(`${inboxPrefix(tenant)}.`) || reply.startsWith(SERVICE_IMPORT_PREFIX);
}
