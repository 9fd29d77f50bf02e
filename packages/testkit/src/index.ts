/**
 * @carrel/testkit: what tests of Carrel stand on. Real things that can be broken on purpose, and objects to begin
 * with. Only tests import it.
 *
 * @module
 */
export * from "./builders/a-policy-profile.ts";
export * from "./builders/a-session-template.ts";
export * from "./builders/a-session.ts";
export * from "./builders/a-tenant.ts";
export * from "./builders/a-workspace.ts";
export * from "./builders/stored.ts";
export * from "./control-plane/admin-request.ts";
export * from "./control-plane/install-chart-rbac.ts";
export * from "./control-plane/install-crds.ts";
export * from "./control-plane/service-account-token.ts";
export * from "./control-plane/shared-control-plane.ts";
export * from "./control-plane/unique-name.ts";
export * from "./eventually.ts";
export * from "./fault-proxy/fault.ts";
export * from "./fault-proxy/fault-proxy.ts";
export * from "./fault-proxy/proxied-request.ts";
export * from "./fault-proxy/start-fault-proxy.ts";
export * from "./fault-proxy/token-kubeconfig.ts";
export type * from "./fault-proxy/fault-plan.ts";
export * from "./nats/nats-accounts.ts";
export * from "./nats/nats-server.ts";
export * from "./nats/start-nats-server.ts";
export * from "./tcp-proxy/start-tcp-proxy.ts";
export * from "./testkit-error.ts";
