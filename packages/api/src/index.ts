/**
 * @carrel/api: the contract. Kinds, messages, names, labels, phases, codes: everything that two services must agree
 * on, as zod schemas and tables from which types, CRDs and reference pages are generated. No I/O.
 *
 * @module
 */
export * from "./close-codes.ts";
export * from "./error-codes.ts";
export * from "./group.ts";
export * from "./kinds/kinds.ts";
export * from "./kinds/object-meta.ts";
export * from "./kinds/policy-profile.ts";
export * from "./kinds/session.ts";
export * from "./kinds/session-template.ts";
export * from "./kinds/template/access.ts";
export * from "./kinds/template/budget.ts";
export * from "./kinds/template/copied-secret.ts";
export * from "./kinds/template/endpoint.ts";
export * from "./kinds/template/generate.ts";
export * from "./kinds/template/lifetime.ts";
export * from "./kinds/template/namespace.ts";
export * from "./kinds/template/parameter.ts";
export * from "./kinds/template/pod-template.ts";
export * from "./kinds/template/pool.ts";
export * from "./kinds/template/template-object.ts";
export * from "./kinds/tenant.ts";
export * from "./kinds/workspace.ts";
export * from "./labels.ts";
export * from "./messages/dead-letter.ts";
export * from "./messages/events.ts";
export * from "./messages/replies.ts";
export * from "./messages/session-requests.ts";
export * from "./messages/session-view.ts";
export * from "./matches-glob.ts";
export * from "./names.ts";
export * from "./nats-permissions.ts";
export * from "./phases.ts";
export * from "./quantity.ts";
export * from "./reasons.ts";
export * from "./subjects.ts";
