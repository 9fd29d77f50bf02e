import {
  API_VERSION,
  ANNOTATIONS,
  LABELS,
  MANAGED_BY,
  newWorkspaceName,
  sessionName,
  type CreateRequest,
  type Session,
  type SessionTemplate,
  type Tenant,
} from "@carrel/api";
import type { ResolvedParameters } from "@carrel/template";
import { planLifetime } from "./plan-lifetime.ts";
import { requestDigest } from "./request-digest.ts";

export interface PlanSessionInput {
  readonly tenant: Tenant;
  readonly idempotencyKey: string;
  readonly request: CreateRequest;
  readonly template: SessionTemplate;
  readonly parameters: ResolvedParameters;
  readonly nowMs: number;
  readonly traceparent?: string | undefined;
}

/**
 * The Session object for a request. Everything in it but the workspace's random name and the times follows from the
 * request, so that a replay meets the same name and the same digest.
 *
 * @throws ApiError `INVALID` for a duration past the bound.
 */
export function planSession(input: PlanSessionInput): Session {
  const { request, template, tenant, nowMs } = input;
  const { name } = tenant.metadata;
  const { values, secrets } = input.parameters;
  const times = planLifetime({ lifetime: template.spec.lifetime, tenant, wanted: request.duration, nowMs });
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    apiVersion: API_VERSION,
    kind: "Session",
    metadata: {
      name: sessionName(name, input.idempotencyKey),
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.tenant]: name },
      ...(input.traceparent === undefined ? {} : { annotations: { [ANNOTATIONS.traceparent]: input.traceparent } }),
    },
    spec: {
      tenant: name,
      template: {
        name: template.metadata.name,
        uid: template.metadata.uid ?? "",
        generation: template.metadata.generation ?? 0,
      },
      user: request.user,
      parameters: values,
      ...(Object.keys(secrets).length === 0 ? {} : { secretParameters: Object.keys(secrets) }),
      requestDigest: digestOf(input.idempotencyKey, request),
      workspace: newWorkspaceName(),
      expiresAt: at(times.expiresAtMs),
      deadlineAt: at(times.deadlineAtMs),
      startDeadlineAt: at(times.startDeadlineAtMs),
      queueDeadlineAt: at(times.queueDeadlineAtMs),
      ...(request.returnUrl === undefined ? {} : { returnUrl: request.returnUrl }),
    },
  };
}

/** The digest of what a create request asks for; how long the caller waits is not part of it. */
export function digestOf(idempotencyKey: string, request: CreateRequest): string {
  return requestDigest(idempotencyKey, { ...request, wait: undefined, parameters: request.parameters ?? {} });
}
