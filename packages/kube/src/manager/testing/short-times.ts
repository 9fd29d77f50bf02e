import type { ElectionTimes } from "../../election/election-times.ts";

/** An election at a fifth of the usual times, for tests that wait for its end. */
export const SHORT_TIMES: ElectionTimes = { leaseMs: 3000, renewDeadlineMs: 2000, retryMs: 400 };
