import { ApiError, HEADERS } from "@carrel/api";
import { isNamedInboxOf } from "../inbox.ts";
import { headerOf, type MessageHeaders } from "../message-headers.ts";

/**
 * The inbox that a queued request names for its answer, if it names one.
 * @throws ApiError `INVALID` for anything but an inbox of the tenant: a service may publish what the sender may not.
 */
export function replyTarget(tenant: string, headers: MessageHeaders): string | undefined {
  const replyTo = headerOf(headers, HEADERS.replyTo);
  if (replyTo === undefined || isNamedInboxOf(tenant, replyTo)) return replyTo;
  throw new ApiError("INVALID", `the header ${HEADERS.replyTo} must name an inbox of tenant ${tenant}`);
}
