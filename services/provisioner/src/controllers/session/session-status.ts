import { templateOf, type Session, type SessionStatus, type Workspace } from "@carrel/api";
import { setCondition } from "@carrel/kube";
import type { SessionUrls } from "../../sessions/session-urls.ts";

/** The status of a Session as its Workspace stands, or `undefined` when nothing changed. Pure. */
export function planSessionStatus(
  session: Session,
  workspace: Workspace | undefined,
  urls: SessionUrls,
  nowMs: number,
): SessionStatus | undefined {
  const current = session.status ?? {};
  const ready = workspace?.status?.conditions?.find((condition) => condition.type === "Ready");
  const reached =
    current.phase === "Ready" || (workspace?.status?.phase === "Ready" && workspace.status.pod !== undefined);
  const phase = reached ? "Ready" : "Provisioning";
  const condition = {
    type: "Ready",
    status: reached && ready?.status === "True" ? ("True" as const) : ("False" as const),
    reason: ready?.reason ?? "Creating",
    message: ready?.message ?? "namespaces and objects are being created",
    observedGeneration: session.metadata.generation ?? 0,
  };
  const before = current.conditions?.find((candidate) => candidate.type === "Ready");
  const samePod = workspace?.status?.pod?.uid === current.pod?.uid;
  if (phase === current.phase && samePod && before?.status === condition.status && before.reason === condition.reason)
    return undefined;
  return {
    ...current,
    phase,
    observedGeneration: session.metadata.generation ?? 0,
    conditions: setCondition(current.conditions ?? [], condition, { now: () => nowMs }),
    ...(workspace === undefined
      ? {}
      : { workspace: { name: workspace.metadata.name, uid: workspace.metadata.uid ?? "" } }),
    ...(workspace?.status?.pod === undefined ? {} : { pod: workspace.status.pod }),
    ...(reached && workspace !== undefined ? endpointsOf(session, workspace, urls) : {}),
    ...(reached && current.readyAt === undefined ? { readyAt: new Date(nowMs).toISOString() } : {}),
  };
}

function endpointsOf(
  session: Session,
  workspace: Workspace,
  urls: SessionUrls,
): Pick<SessionStatus, "url" | "endpoints"> {
  const endpoints = templateOf(workspace.spec).endpoints.map((endpoint) => ({
    name: endpoint.name,
    ...(endpoint.title === undefined ? {} : { title: endpoint.title }),
    port: endpoint.port,
    access: endpoint.access,
    ...urls.endpoint(session.metadata.name, endpoint.name),
  }));
  return { url: urls.endpoint(session.metadata.name, "main").url, endpoints };
}
