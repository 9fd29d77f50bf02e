import { StatusError, type StatusErrorCode } from "./status-error.ts";

function has(error: unknown, code: StatusErrorCode): error is StatusError {
  return error instanceof StatusError && error.code === code;
}

/** There is no such object, namespace or kind (404). */
export function isNotFound(error: unknown): error is StatusError {
  return has(error, "KUBE_NOT_FOUND");
}

/** An object of this name exists (409 AlreadyExists). Not a conflict: see {@link isConflict}. */
export function isAlreadyExists(error: unknown): error is StatusError {
  return has(error, "KUBE_ALREADY_EXISTS");
}

/**
 * The object is another one than the request was decided on (409 Conflict): resourceVersion or UID differ, or another
 * field manager owns a field ({@link isFieldManagerConflict}). Read again, decide again. A create may get it too, when
 * the quota's own compare-and-swap lost.
 */
export function isConflict(error: unknown): error is StatusError {
  return has(error, "KUBE_CONFLICT");
}

/** An apply without `force` met fields of other managers. */
export function isFieldManagerConflict(error: unknown): error is StatusError {
  return isConflict(error) && hasCause(error, "FieldManagerConflict");
}

/** Who owns which field in a {@link isFieldManagerConflict}: `[{ field: ".spec.replicas", message: 'conflict with "hpa"' }]`. */
export function fieldConflicts(error: StatusError): readonly { readonly field: string; readonly message: string }[] {
  return (error.details.causes ?? [])
    .filter((cause) => cause.reason === "FieldManagerConflict")
    .map((cause) => ({ field: cause.field ?? "", message: cause.message ?? "" }));
}

/** The version asked for is no longer kept (410 Gone or Expired): list again. */
export function isGone(error: unknown): error is StatusError {
  return has(error, "KUBE_GONE");
}

/** The object breaks its schema or a rule, or a JSON patch's `test` failed (422). `details.causes` names the fields. */
export function isInvalid(error: unknown): error is StatusError {
  return has(error, "KUBE_INVALID");
}

/** The request itself is malformed (400): an unknown field under strict validation, a bad query. */
export function isBadRequest(error: unknown): error is StatusError {
  return has(error, "KUBE_BAD_REQUEST");
}

/** RBAC, a quota, Pod Security or another admission plugin said no (403). */
export function isForbidden(error: unknown): error is StatusError {
  return has(error, "KUBE_FORBIDDEN");
}

/** The token or certificate is not accepted (401). */
export function isUnauthorized(error: unknown): error is StatusError {
  return has(error, "KUBE_UNAUTHORIZED");
}

/** A create in a namespace that is being deleted (403 with the cause NamespaceTerminating). */
export function isNamespaceTerminating(error: unknown): error is StatusError {
  return isForbidden(error) && hasCause(error, "NamespaceTerminating");
}

/** A ResourceQuota is used up (403). The API server gives no cause for it, only these words. */
export function isQuotaExceeded(error: unknown): error is StatusError {
  return isForbidden(error) && error.message.includes("exceeded quota: ");
}

/** The server is busy, or a disruption budget holds an eviction back (429). */
export function isTooManyRequests(error: unknown): error is StatusError {
  return has(error, "KUBE_TOO_MANY_REQUESTS");
}

function hasCause(error: StatusError, reason: string): boolean {
  return error.details.causes?.some((cause) => cause.reason === reason) === true;
}
