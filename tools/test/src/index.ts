/**
 * @carrel/test-runner: runs every test of the repository, counts them, and says in full what failed.
 *
 * @module
 */
export * from "./discover-tests.ts";
export * from "./parse-arguments.ts";
export * from "./run-result.ts";
export * from "./run-tests.ts";
export * from "./suite.ts";
export * from "./tally.ts";
