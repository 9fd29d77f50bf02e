/**
 * @carrel/std: what everything else stands on. No dependencies, no I/O but the clock.
 *
 * @module
 */
export * from "./backoff.ts";
export * from "./carrel-error.ts";
export * from "./clock.ts";
export * from "./deadline.ts";
export * from "./duration.ts";
