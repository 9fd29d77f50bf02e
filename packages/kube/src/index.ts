export * from "./client/kube-client.ts";
export * from "./client/resource.ts";
