import { CarrelError } from "@carrel/std";

/** The lease could not be renewed in time, or somebody else holds it. Whoever led must stop at once. */
export class LeadershipLostError extends CarrelError<"LEADERSHIP_LOST"> {
  override readonly name = "LeadershipLostError";

  constructor(message: string) {
    super("LEADERSHIP_LOST", message);
  }
}
