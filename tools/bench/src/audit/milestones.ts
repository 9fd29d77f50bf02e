import { serviceOf, type SessionNames } from "./attribute-call.ts";
import type { ApiCall } from "./audit-event.ts";

/** When something that a pod or a session waits for had happened, in milliseconds since the start. */
export type Milestones = Readonly<Record<string, number>>;

/** The part of the log in which to look; `startMs` is what times are counted from. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

type Test = (call: ApiCall) => boolean;
type Instant = number | undefined;

/** What every pod goes through, from the log of a namespace that holds one pod. */
export function podMilestones(calls: readonly ApiCall[], namespace: string, span: Span): Milestones {
  return since(span, podInstants(succeeded(calls, span).filter((call) => call.namespace === namespace)));
}

/** What a cold session goes through, its pod included. */
export function sessionMilestones(calls: readonly ApiCall[], names: SessionNames, span: Span): Milestones {
  const seen = succeeded(calls, span);
  const inside = seen.filter((call) => call.namespace === names.workspace);
  const ours = seen.filter((call) => serviceOf(call) === "provisioner" && mentions(call, names));
  return since(span, {
    "session create sent": received(ours, kind("create sessions")),
    "session created": completed(ours, kind("create sessions")),
    "workspace created": completed(ours, kind("create workspaces")),
    "namespace created": completed(ours, kind("create namespaces")),
    "root certificates there": completed(inside, kind("create configmaps")),
    "namespace filled": completed(
      ours,
      kind("create serviceaccounts", "create resourcequotas", "create limitranges", "create networkpolicies"),
    ),
    "quotas taken up": takenUp(inside),
    "learner's rights": completed(ours, kind("create rolebindings")),
    ...podInstants(inside),
    "workspace Ready sent": received(ours, kind("patch workspaces/status"), Math.max),
    "workspace Ready": completed(ours, kind("patch workspaces/status")),
    "session Ready sent": received(ours, kind("patch sessions/status"), Math.max),
    "session Ready": completed(ours, kind("patch sessions/status")),
  });
}

function podInstants(calls: readonly ApiCall[]): Record<string, Instant> {
  const kubelet = calls.filter(({ user }) => user.startsWith("system:node:"));
  return {
    "pod create sent": received(calls, kind("create pods")),
    "pod created": completed(calls, kind("create pods")),
    "pod bound to a node": completed(calls, kind("create pods/binding")),
    "kubelet asks for the pod's token": received(kubelet, kind("create serviceaccounts/token")),
    // The last status that the kubelet wrote before everybody knew that the pod is Ready says so.
    "kubelet writes Ready": completed(kubelet, kind("patch pods/status")),
  };
}

function succeeded(calls: readonly ApiCall[], { startMs, endMs }: Span): ApiCall[] {
  return calls.filter(({ code, receivedMs }) => code < 300 && receivedMs >= startMs && receivedMs <= endMs);
}

function mentions({ name, namespace }: ApiCall, { session, workspace }: SessionNames): boolean {
  return name === session || name === workspace || namespace === workspace;
}

function kind(...wanted: readonly string[]): Test {
  return ({ verb, resource }) => wanted.includes(`${verb} ${resource}`);
}

function received(calls: readonly ApiCall[], wanted: Test, which: typeof Math.min = Math.min): Instant {
  const times = calls.filter(wanted).map(({ receivedMs }) => receivedMs);
  return times.length === 0 ? undefined : which(...times);
}

/** When the last of the calls had completed. */
function completed(calls: readonly ApiCall[], wanted: Test): Instant {
  const times = calls.filter(wanted).map(({ completedMs }) => completedMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** When the quota controller had written the first status of every quota. */
function takenUp(calls: readonly ApiCall[]): Instant {
  const first = new Map<string, number>();
  for (const { name, completedMs } of calls.filter(kind("update resourcequotas/status")))
    first.set(name, Math.min(completedMs, first.get(name) ?? Number.POSITIVE_INFINITY));
  return first.size === 0 ? undefined : Math.max(...first.values());
}

function since({ startMs }: Span, instants: Readonly<Record<string, Instant>>): Milestones {
  return Object.fromEntries(
    Object.entries(instants).flatMap(([name, at]) => (at === undefined ? [] : [[name, at - startMs]])),
  );
}
