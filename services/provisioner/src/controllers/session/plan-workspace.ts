import {
  ANNOTATIONS,
  API_VERSION,
  LABELS,
  MANAGED_BY,
  WORKSPACE_FINALIZER,
  type ObjectMeta,
  type Session,
  type SessionTemplate,
  type Workspace,
} from "@carrel/api";
import { ownerRef, SESSION_TEMPLATES, SESSIONS } from "@carrel/kube";
import { claimVariables, workspaceVariables, type ClusterVariables, type EndpointUrls } from "@carrel/template";

/** What a Workspace's variables need beside its own objects. */
export interface VariableSources {
  readonly cluster: ClusterVariables;
  readonly urls: EndpointUrls;
}

/**
 * The Workspace of a cold session: born claimed, with the finalizer that makes its end orderly, owned by its Session so
 * that even a force-deleted Session takes it along. Pure.
 */
export function planWorkspace(
  session: Session,
  template: SessionTemplate,
  sources: VariableSources,
  nowMs: number,
): Workspace {
  const spare = planUnclaimed(session.spec.workspace, template, sources.cluster);
  const claim = planClaim(session, spare, sources.urls, nowMs);
  return {
    ...spare,
    metadata: {
      ...spare.metadata,
      ...claim.metadata,
      labels: { ...spare.metadata.labels, ...claim.metadata.labels },
    },
    spec: { ...spare.spec, ...claim.spec },
  };
}

/** A spare of a template's pool, owned by the template: with it, its spares go. Pure. */
export function planSpare(name: string, template: SessionTemplate, cluster: ClusterVariables): Workspace {
  const spare = planUnclaimed(name, template, cluster);
  return {
    ...spare,
    metadata: {
      ...spare.metadata,
      labels: { ...spare.metadata.labels, [LABELS.pool]: template.metadata.name },
      ownerReferences: [{ ...ownerRef(SESSION_TEMPLATES, template), controller: true }],
    },
  };
}

/** What makes a Workspace a session's: the merge patch of a spare, and part of one that is made for it. */
export interface Claim {
  readonly metadata: Required<Pick<ObjectMeta, "labels" | "ownerReferences">> & Pick<ObjectMeta, "annotations">;
  readonly spec: Required<Pick<Workspace["spec"], "tenant" | "session" | "variables" | "claimedAt">>;
}

/** Gives an unclaimed Workspace to a session. Pure. */
export function planClaim(session: Session, spare: Workspace, urls: EndpointUrls, nowMs: number): Claim {
  const { metadata, spec } = session;
  const { name, uid = "" } = metadata;
  const traceparent = metadata.annotations?.[ANNOTATIONS.traceparent];
  return {
    metadata: {
      labels: { [LABELS.session]: name, [LABELS.tenant]: spec.tenant },
      ownerReferences: [{ ...ownerRef(SESSIONS, session), controller: true }],
      ...(traceparent === undefined ? {} : { annotations: { [ANNOTATIONS.traceparent]: traceparent } }),
    },
    spec: {
      tenant: spec.tenant,
      session: { name, uid },
      variables: { ...spare.spec.variables, ...claimVariables(session, spare.spec.template.spec, urls) },
      claimedAt: new Date(nowMs).toISOString(),
    },
  };
}

function planUnclaimed(name: string, template: SessionTemplate, cluster: ClusterVariables): Workspace {
  const source = {
    name: template.metadata.name,
    uid: template.metadata.uid ?? "",
    generation: template.metadata.generation ?? 0,
    spec: template.spec,
  };
  return {
    apiVersion: API_VERSION,
    kind: "Workspace",
    metadata: {
      name,
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.template]: template.metadata.name },
      finalizers: [WORKSPACE_FINALIZER],
    },
    spec: { template: source, variables: workspaceVariables({ workspace: { name }, template: source, cluster }) },
  };
}
