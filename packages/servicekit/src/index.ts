/**
 * @carrel/servicekit: Carrel's services as processes on a real control plane and a real NATS, for tests of several of
 * them together and for benchmarks.
 *
 * @module
 */
export * from "./installation-rights.ts";
export * from "./play-kubelet.ts";
export * from "./report-ready.ts";
export * from "./service-process.ts";
export * from "./services-behind-proxy.ts";
export * from "./session-services.ts";
