/**
 * One process of several leads, by a Lease.
 *
 * @module
 */
export { ELECTION_TIMES, type ElectionTimes } from "./election-times.ts";
export { LeaderElector, type LeaderElectorOptions } from "./leader-elector.ts";
export { LeadershipLostError } from "./leadership-lost.ts";
