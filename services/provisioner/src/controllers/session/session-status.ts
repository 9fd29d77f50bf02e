import { templateOf, type Session, type SessionStatus, type Workspace } from "@carrel/api";
import { findCondition, setCondition } from "@carrel/kube";
import { planObjects, renderVariables, type EndpointUrls } from "@carrel/template";
import type { QueueNotice } from "../../placement/queue-notices.ts";

/** What is told before the Workspace says more. */
const CREATING = { reason: "Creating", message: "namespaces and objects are being created" };

/** The status of a Session as its Workspace stands, or `undefined` when nothing worth a write changed. Pure. */
export function planSessionStatus(
  session: Session,
  workspace: Workspace,
  urls: EndpointUrls,
  nowMs: number,
): SessionStatus | undefined {
  const current = session.status ?? {};
  const ready = findCondition(workspace.status?.conditions, "Ready");
  const reached = current.phase === "Ready" || isHandedOver(workspace);
  const phase = reached ? "Ready" : "Provisioning";
  // An absent phase says as much as this: that a session just begins is not worth a write.
  if (!reached && ready === undefined && current.phase !== "Queued") return undefined;
  const condition = {
    type: "Ready",
    status: reached && ready?.status === "True" ? ("True" as const) : ("False" as const),
    ...conditionOf(workspace, reached),
    observedGeneration: session.metadata.generation ?? 0,
  };
  const before = findCondition(current.conditions, "Ready");
  const samePod = workspace.status?.pod?.uid === current.pod?.uid;
  if (phase === current.phase && samePod && before?.status === condition.status && before.reason === condition.reason)
    return undefined;
  return {
    ...outOfQueue(current),
    phase,
    observedGeneration: session.metadata.generation ?? 0,
    conditions: setCondition(current.conditions ?? [], condition, { now: () => nowMs }),
    workspace: { name: workspace.metadata.name, uid: workspace.metadata.uid ?? "" },
    ...(workspace.status?.pod === undefined ? {} : { pod: workspace.status.pod }),
    ...(reached ? entrancesOf(session, workspace, urls) : {}),
    ...(reached && current.readyAt === undefined ? { readyAt: new Date(nowMs).toISOString() } : {}),
  };
}

/** The status of a Session that waited and starts now, before its Workspace exists. Pure. */
export function planStartingStatus(session: Session, nowMs: number): SessionStatus {
  const condition = {
    type: "Ready",
    status: "False" as const,
    ...CREATING,
    observedGeneration: session.metadata.generation ?? 0,
  };
  return {
    ...outOfQueue(session.status ?? {}),
    phase: "Provisioning",
    conditions: setCondition(session.status?.conditions ?? [], condition, { now: () => nowMs }),
  };
}

/** The status of a Session that waits for a place, or `undefined` when it says so already. Pure. */
export function planQueuedStatus(session: Session, notice: QueueNotice, nowMs: number): SessionStatus | undefined {
  const current = session.status ?? {};
  const { position, startAtMs } = notice;
  const estimatedStartAt = startAtMs === undefined ? undefined : toSeconds(startAtMs);
  // A leader that has just begun has no estimate: the one that was told before is better than none.
  const sameEstimate = estimatedStartAt === undefined || estimatedStartAt === current.queue?.estimatedStartAt;
  const same = current.queue?.position === position && sameEstimate;
  if (current.phase === "Queued" && same) return undefined;
  const condition = {
    type: "Ready",
    status: "False" as const,
    reason: "Queued",
    message: `Place ${position} in the line${startAtMs === undefined ? "" : `, about ${waitText(startAtMs - nowMs)} to go`}`,
    observedGeneration: session.metadata.generation ?? 0,
  };
  return {
    ...current,
    phase: "Queued",
    observedGeneration: session.metadata.generation ?? 0,
    conditions: setCondition(current.conditions ?? [], condition, { now: () => nowMs }),
    queue: { position, ...(estimatedStartAt === undefined ? {} : { estimatedStartAt }) },
  };
}

/** True when the Workspace is all that its session was promised: built, and everything that waits for the claim done. */
function isHandedOver({ metadata, spec, status }: Workspace): boolean {
  if (status?.phase !== "Ready" || status.pod === undefined) return false;
  const template = templateOf(spec);
  const namespaces = template.namespaces.map(({ name }) => name);
  const awaited = planObjects(template, { name: metadata.name, namespaces }).some(
    ({ stage, waitFor, outputs }) => stage === "claim" && (waitFor !== undefined || Object.keys(outputs).length > 0),
  );
  const observed = findCondition(status.conditions, "Ready")?.observedGeneration ?? 0;
  return !awaited || observed >= (metadata.generation ?? 0);
}

function conditionOf(workspace: Workspace, reached: boolean): { reason: string; message: string } {
  const ready = findCondition(workspace.status?.conditions, "Ready");
  if (!reached && workspace.status?.phase === "Ready" && ready?.status === "True")
    return { reason: "Claimed", message: "what waits for the claim is being applied" };
  return ready === undefined ? CREATING : { reason: ready.reason, message: ready.message };
}

/** Without its place in the line: a merge patch deletes by null. */
function outOfQueue(status: SessionStatus): SessionStatus {
  return status.queue === undefined ? status : { ...status, queue: null as unknown as undefined };
}

function entrancesOf(
  session: Session,
  workspace: Workspace,
  urls: EndpointUrls,
): Pick<SessionStatus, "url" | "endpoints" | "links"> {
  const template = templateOf(workspace.spec);
  const endpoints = template.endpoints.map(({ name, title, path, port, access }) => {
    const { host, url } = urls.endpoint(session.metadata.name, name);
    return {
      name,
      ...(title === undefined ? {} : { title }),
      host,
      url: new URL(path, url).href,
      ...(path === "/" ? {} : { path }),
      port,
      access,
    };
  });
  const links = renderVariables(template.links, linkVariables(workspace));
  return {
    url: urls.endpoint(session.metadata.name, "main").url,
    // Of one name the longest path first: the order in which they are to be matched.
    endpoints: [...Map.groupBy(endpoints, ({ name }) => name).values()].flatMap((paths) =>
      paths.sort((a, b) => (b.path ?? "").length - (a.path ?? "").length),
    ),
    ...(links.length === 0 ? {} : { links }),
  };
}

function linkVariables({ spec, status }: Workspace): Record<string, string> {
  const outputs = Object.entries(status?.outputs ?? {}).map(([name, value]) => [`outputs.${name}`, value]);
  return { ...spec.variables, ...Object.fromEntries(outputs) };
}

/** Whole seconds: no estimate is better than that, and the object keeps no more. */
function toSeconds(ms: number): string {
  return new Date(Math.round(ms / 1000) * 1000).toISOString();
}

function waitText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes <= 1 ? "a minute" : `${minutes} minutes`;
}
