/**
 * @carrel/kube: the Kubernetes API as Carrel uses it. From below: transport (connections, credentials), client (verbs,
 * errors, resources), object (pure helpers), events; on these stands the controller runtime.
 *
 * @module
 */
export * from "./client/client-metrics.ts";
export * from "./client/create-kube-client.ts";
export * from "./client/find-object.ts";
export * from "./client/kube-client.ts";
export * from "./client/patch-status.ts";
export * from "./client/resource.ts";
export * from "./client/resource-mapper.ts";
export * from "./client/resources/index.ts";
export * from "./client/status-error.ts";
export * from "./client/status-predicates.ts";
export * from "./events/index.ts";
export * from "./object/index.ts";
export * from "./transport/cluster-config.ts";
export * from "./transport/load-kubeconfig.ts";
export * from "./transport/parse-kubeconfig.ts";
export * from "./transport/transport-error.ts";
export * from "./controller/index.ts";
export * from "./election/index.ts";
export * from "./manager/index.ts";
export * from "./reflector/index.ts";
export * from "./runtime/index.ts";
export * from "./workqueue/index.ts";
