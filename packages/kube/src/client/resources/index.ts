/**
 * The kinds of Kubernetes that Carrel names, each with the fields that it writes or reads. Others: `resource()`.
 *
 * @module
 */
export * from "./admission.ts";
export * from "./configuration.ts";
export * from "./event.ts";
export * from "./eviction.ts";
export * from "./label-selector.ts";
export * from "./lease.ts";
export * from "./namespace.ts";
export * from "./network-policy.ts";
export * from "./pod.ts";
export * from "./quota.ts";
export * from "./rbac.ts";
export * from "./service.ts";
export * from "./service-account.ts";
export * from "./workloads.ts";
