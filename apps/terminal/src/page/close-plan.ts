import { backoffMs } from "@carrel/std";
import { CLOSE, PROXY_CLOSE } from "../protocol/close-code.ts";

/** What the page does after its WebSocket has closed. */
export type ClosePlan =
  /** The shell has exited: offer a new one. */
  | { readonly action: "exited" }
  /** The session is over: say why, never reconnect. */
  | { readonly action: "ended"; readonly reason: string }
  /** Not signed in any more, or no access any more: offer to reload. */
  | { readonly action: "signed-out"; readonly forbidden: boolean }
  /** Reconnecting cannot help: say why. */
  | { readonly action: "failed"; readonly message: string }
  /** Try again after a while; first ask the session's status when it has failed repeatedly. */
  | { readonly action: "reconnect"; readonly delayMs: number; readonly askStatus: boolean };

/** After this many attempts without success the page asks what the session's status is. */
const ASK_STATUS_FROM_ATTEMPT = 2;
/** A proxy that restarts closes all sockets at once: they come back spread over this time. */
const RESTART_SPREAD_MS = 3_000;

/**
 * Decides by close code. `attempt` counts the failures since the last good connection, 0 for the first;
 * `random` is in [0,1).
 */
export function planAfterClose(code: number, reason: string, attempt: number, random: () => number): ClosePlan {
  switch (code) {
    case CLOSE.normal:
      return { action: "exited" };
    case PROXY_CLOSE.ended:
      return { action: "ended", reason };
    case PROXY_CLOSE.revoked:
      return { action: "signed-out", forbidden: false };
    case PROXY_CLOSE.forbidden:
      return { action: "signed-out", forbidden: true };
    case CLOSE.terminalLimit:
      return { action: "failed", message: "No more terminals can be opened. Close one first." };
    case CLOSE.shellFailed:
      return { action: "failed", message: `The shell could not be started: ${reason}` };
    default: {
      const spread = code === CLOSE.restart && attempt === 0;
      const delayMs = spread
        ? random() * RESTART_SPREAD_MS
        : backoffMs(attempt, { baseMs: 500, maxMs: 15_000, jitter: 0.5, random });
      return {
        action: "reconnect",
        delayMs,
        askStatus: attempt >= ASK_STATUS_FROM_ATTEMPT || code === PROXY_CLOSE.renew,
      };
    }
  }
}
