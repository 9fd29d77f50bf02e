import { CarrelError } from "@carrel/std";

/** Why something in the embedded Kubernetes failed. */
export type ClusterErrorCode =
  /** A command ended with another exit status than 0; the message holds its last lines. */
  | "COMMAND_FAILED"
  /** A program of the machine is missing and could not be installed. */
  | "PROGRAM_MISSING"
  /** A component ended, or did not become ready in time; the message holds its last log lines. */
  | "COMPONENT_FAILED"
  /** A wait reached its deadline. */
  | "DEADLINE"
  /** The API server refused a request of the launcher. */
  | "API_REFUSED"
  /** Something that the cluster left could not be removed. */
  | "LEFTOVERS"
  /** No cluster of that name runs, or the name is not usable. */
  | "NO_SUCH_CLUSTER"
  | "INVALID";

/** An error of the embedded Kubernetes. Its message says what failed, why, and where the log is. */
export class ClusterError extends CarrelError<ClusterErrorCode> {}
