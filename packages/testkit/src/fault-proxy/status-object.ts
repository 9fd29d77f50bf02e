/** A failure as the API server writes it (`metav1.Status`). */
export function statusObject(code: number, reason: string, message: string, retryAfterSeconds?: number): object {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
    code,
  };
}
