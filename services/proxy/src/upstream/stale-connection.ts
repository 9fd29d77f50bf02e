import type { Socket } from "node:net";
import { codeOf } from "./pod-failure.ts";

/** Marks the errors of connections that had carried answers before. */
const AFTER_ANSWERS = Symbol("the connection had carried answers before");

/** Lets {@link wasStaleConnection} tell the errors of this connection. Call it as soon as it is open. */
export function markUsed(socket: Socket): void {
  socket.on("error", (error: Error & { [AFTER_ANSWERS]?: boolean }) => {
    if (socket.bytesRead > 0) error[AFTER_ANSWERS] = true;
  });
}

/**
 * True when a kept connection turned out to be closed by the pod just when the next request was sent on it. The pod had
 * given the connection up and has not answered: a request without a body that changes nothing may be sent once more.
 */
export function wasStaleConnection(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  if (AFTER_ANSWERS in error) return true;
  // An orderly end of the pod's side is undici's own error, with what the connection had carried.
  if (codeOf(error) !== "UND_ERR_SOCKET" || !("socket" in error)) return false;
  const socket = error.socket as { readonly bytesRead?: number } | undefined;
  return (socket?.bytesRead ?? 0) > 0;
}
