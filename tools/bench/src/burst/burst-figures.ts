/** What the benchmark `burst` prints as JSON. Times in milliseconds. */
export interface BurstFigures {
  readonly requests: number;
  readonly replicas: number;
  /** Sessions that were asked for and are not there. */
  readonly lost: number;
  /** Sessions or workspaces too many. */
  readonly doubled: number;
  /** Requests without an answer `ready` by their deadline. */
  readonly late: number;
  /** From the first request to the last answer, nobody killed. */
  readonly burstMs: number;
  /** The same objects by a bare loop of API calls. */
  readonly floorMs: number;
  /** floor's time ÷ ours: 1 would be as fast as bare calls. */
  readonly ratioToFloor: number;
  /** Answers of the burst in which the leader is killed. */
  readonly killed: { readonly p50Ms: number; readonly p95Ms: number; readonly burstMs: number };
}
