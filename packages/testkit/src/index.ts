/**
 * @carrel/testkit: what tests of Carrel stand on. Real things that can be broken on purpose, and objects to begin
 * with. Only tests import it.
 *
 * @module
 */
export * from "./eventually.ts";
export * from "./nats/nats-accounts.ts";
export * from "./nats/nats-server.ts";
export * from "./nats/start-nats-server.ts";
export * from "./testkit-error.ts";
