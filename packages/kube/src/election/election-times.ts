/** The intervals of an election; the defaults of client-go. */
export interface ElectionTimes {
  /** How long others leave a lease alone that does not change; default 15 s. Whole seconds. */
  readonly leaseMs: number;
  /** A leader that could not renew for this long steps down; default 10 s. Shorter than the lease. */
  readonly renewDeadlineMs: number;
  /** Pause between attempts to acquire or renew; default 2 s. */
  readonly retryMs: number;
}

/** Clocks may run at rates that differ by half before two leaders can overlap: 15 s against 10 s. */
export const ELECTION_TIMES: ElectionTimes = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
