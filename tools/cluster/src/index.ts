/**
 * @carrel/cluster: real Kubernetes without Docker or a cloud, for tests, development and demonstration.
 *
 * @module
 */
export * from "./api/api-client.ts";
export * from "./certificates/kubeconfig.ts";
export * from "./cluster-error.ts";
export * from "./cluster/cluster.ts";
export { clusterStatus } from "./cluster/cluster-status.ts";
export { clusterPaths } from "./cluster/cluster-paths.ts";
export { clusterNames } from "./cluster/cluster-record.ts";
export * from "./cluster/forward-local.ts";
export * from "./cluster/redirect-registry.ts";
export * from "./cluster/start-cluster.ts";
export * from "./cluster/stop-cluster.ts";
export * from "./control-plane/control-plane.ts";
export * from "./control-plane/start-control-plane.ts";
export * from "./images/build-scratch-image.ts";
export * from "./images/load-image.ts";
export { tryExclusiveLock } from "./process/exclusive-lock.ts";
export * from "./programs/ensure-program.ts";
export * from "./programs/program-catalog.ts";
export type * from "./progress.ts";
export * from "./system/ensure-system-programs.ts";
