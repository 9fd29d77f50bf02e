import { ApiError, type EndReason, type ErrorCode, type Session } from "@carrel/api";

/** Ends that mean: it never became a session. Any other end is an answer about a session that was. */
const CODES: Partial<Record<EndReason, ErrorCode>> = {
  Failed: "FAILED",
  StartDeadlineExceeded: "FAILED",
  CapExceeded: "QUOTA",
  QueueFull: "NO_CAPACITY",
  QueueDeadlineExceeded: "NO_CAPACITY",
};

/** The error that a create answers with when its session could not be started, or `undefined`. Pure. */
export function startFailure(session: Session): ApiError | undefined {
  if (session.status?.readyAt !== undefined) return undefined;
  const reason = session.spec.end?.reason ?? session.status?.endReason;
  const code = reason === undefined ? undefined : CODES[reason];
  if (code === undefined) return undefined;
  const ready = session.status?.conditions?.find(({ type }) => type === "Ready");
  const cause = session.spec.end?.message ?? ready?.message ?? "";
  // The same key would only meet this record again.
  return new ApiError(code, `session ${session.metadata.name}: ${reason}${cause === "" ? "" : `: ${cause}`}`, {
    retryable: false,
  });
}
