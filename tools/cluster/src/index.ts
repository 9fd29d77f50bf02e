/**
 * @carrel/cluster: real Kubernetes without Docker or a cloud, for tests, development and demonstration.
 *
 * @module
 */
export * from "./certificates/kubeconfig.ts";
export * from "./cluster-error.ts";
export * from "./control-plane/control-plane.ts";
export * from "./control-plane/start-control-plane.ts";
export * from "./programs/ensure-program.ts";
export * from "./programs/program-catalog.ts";
export type * from "./progress.ts";
