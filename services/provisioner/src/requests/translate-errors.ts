import { ApiError } from "@carrel/api";
import { isForbidden, isInvalid, StatusError, TransportError } from "@carrel/kube";

/**
 * Runs a handler and turns what the API server said into a code of the contract. No answer, overload and 5xx are
 * UNAVAILABLE: the same request may be sent again.
 */
export async function translateErrors<T>(handle: () => Promise<T>): Promise<T> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof TransportError) throw unavailable("the Kubernetes API does not answer", error);
    if (!(error instanceof StatusError)) throw error;
    const { message } = error;
    if (isInvalid(error)) throw new ApiError("INVALID", message, { cause: error });
    if (isForbidden(error)) throw new ApiError("FAILED", `the API server refused: ${message}`, { cause: error });
    throw unavailable("the Kubernetes API cannot take this request now", error);
  }
}

function unavailable(message: string, cause: unknown): ApiError {
  return new ApiError("UNAVAILABLE", message, { cause, retryAfterMs: 1000 });
}
