/**
 * @carrel/cli: the `carrel` command, and the installation that tests and benchmarks share with it.
 *
 * @module
 */
export * from "./install/ensure-cluster.ts";
export * from "./install/install-carrel.ts";
export { SYSTEM_NAMESPACE } from "./install/install-chart.ts";
export * from "./session/connect-backend.ts";
export * from "./session/nats-access.ts";
export * from "./session/objects-mentioning.ts";
