import type { CloseCause } from "@carrel/api";

/** Why a stream is cut from our side. */
export interface Cut {
  readonly cause: CloseCause;
  /** For the Close frame: the reason of the session's end, or empty. */
  readonly reason: string;
}
