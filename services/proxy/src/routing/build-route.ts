import type { Session } from "@carrel/api";
import type { Pod } from "@carrel/kube";
import type { AddressPolicy } from "./pod-address.ts";
import { usableAddress } from "./pod-address.ts";
import type { Route, RouteEndpoint, RoutePod } from "./route.ts";

/** What is known about the pod of a session. */
export interface PodKnowledge {
  /** The pod with the UID that the Session names; undefined while it is not known. */
  readonly pod: Pod | undefined;
  /** It was seen to vanish. */
  readonly gone: boolean;
  /** No other pod has its address. */
  readonly addressIsUnique: boolean;
}

/** What the proxy needs of a Session and its pod. Pure. */
export function buildRoute(session: Session, knowledge: PodKnowledge, policy: AddressPolicy): Route {
  const { metadata, spec, status } = session;
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const phase = status?.phase ?? "Provisioning";
  const endReason = status?.endReason ?? spec.end?.reason;
  const pod = routePod(session, knowledge, policy);
  return {
    session: metadata.name,
    sessionUid: metadata.uid ?? "",
    tenant: spec.tenant,
    user: spec.user.id,
    phase,
    closed:
      phase === "Ending" || phase === "Ended" || spec.end !== undefined || metadata.deletionTimestamp !== undefined,
    ...(ready === undefined ? {} : { reason: ready.reason, message: ready.message }),
    ...(endReason === undefined ? {} : { endReason }),
    // What cannot be read as an instant counts as long past: access is closed rather than left open.
    expiresAtMs: instantMs(spec.expiresAt) ?? 0,
    revokedBeforeMs: spec.revokedBefore === undefined ? 0 : (instantMs(spec.revokedBefore) ?? Number.POSITIVE_INFINITY),
    endpoints: new Map(
      (status?.endpoints ?? []).map(({ name, port, access }): [string, RouteEndpoint] => [name, { port, access }]),
    ),
    ...(pod === undefined ? {} : { pod }),
  };
}

function routePod(session: Session, knowledge: PodKnowledge, policy: AddressPolicy): RoutePod | undefined {
  const named = session.status?.pod;
  if (named === undefined) return undefined;
  if (knowledge.gone) return { uid: named.uid, gone: true };
  const { pod, addressIsUnique } = knowledge;
  if (pod === undefined || pod.metadata.uid !== named.uid || !addressIsUnique) return { uid: named.uid };
  const address = usableAddress(pod, policy);
  return address === undefined ? { uid: named.uid } : { uid: named.uid, address };
}

function instantMs(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
