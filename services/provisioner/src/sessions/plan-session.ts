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
} from "@carrel/api";
import { parseDurationMs } from "@carrel/std";
import { resolveParameters } from "./parameters.ts";
import { requestDigest } from "./request-digest.ts";

export interface PlanSessionInput {
  readonly tenant: string;
  readonly idempotencyKey: string;
  readonly request: CreateRequest;
  readonly template: SessionTemplate;
  readonly nowMs: number;
  readonly traceparent?: string | undefined;
}

/**
 * The Session object for a request. Everything in it but the workspace's random name and the times follows from the
 * request, so that a replay meets the same name and the same digest.
 *
 * @throws ApiError `INVALID` for parameters that the template refuses.
 */
export function planSession(input: PlanSessionInput): Session {
  const { request, template, tenant, nowMs } = input;
  const { lifetime } = template.spec;
  const at = (duration: string): string => new Date(nowMs + parseDurationMs(duration)).toISOString();
  return {
    apiVersion: API_VERSION,
    kind: "Session",
    metadata: {
      name: sessionName(tenant, input.idempotencyKey),
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.tenant]: tenant },
      ...(input.traceparent === undefined ? {} : { annotations: { [ANNOTATIONS.traceparent]: input.traceparent } }),
    },
    spec: {
      tenant,
      template: {
        name: template.metadata.name,
        uid: template.metadata.uid ?? "",
        generation: template.metadata.generation ?? 0,
      },
      user: request.user,
      parameters: resolveParameters(template.spec.parameters, request.parameters ?? {}),
      requestDigest: digestOf(request),
      workspace: newWorkspaceName(),
      expiresAt: at(lifetime.duration),
      deadlineAt: at(lifetime.max),
      startDeadlineAt: at(lifetime.startDeadline),
    },
  };
}

/** The digest of what a create request asks for; how long the caller waits is not part of it. */
export function digestOf(request: CreateRequest): string {
  return requestDigest({ template: request.template, user: request.user, parameters: request.parameters ?? {} });
}
