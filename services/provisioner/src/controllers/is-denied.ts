import { isForbidden, isQuotaExceeded } from "@carrel/kube";

/**
 * True when the API server forbids a call for good: by a policy or by RBAC. A quota that is used up or not counted yet
 * may have room later. Pure.
 */
export function isDenied(error: unknown): boolean {
  if (!isForbidden(error)) return false;
  const { message } = error;
  return !isQuotaExceeded(error) && !message.includes("status unknown for quota");
}
