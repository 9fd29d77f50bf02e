import type { ObjectMeta, Session } from "@carrel/api";
import type { Pod } from "@carrel/kube";

/** What the cache keeps of a Session: what routes are built from. */
export function slimSession({ apiVersion, kind, metadata, spec, status }: Session): Session {
  const { parameters: _parameters, ...rest } = spec;
  return {
    apiVersion,
    kind,
    metadata: slimMeta(metadata),
    spec: { ...rest, parameters: {} },
    ...(status && { status }),
  };
}

/** What the cache keeps of a pod: some hundred bytes instead of ten thousand. */
export function slimPod({ metadata, spec, status }: Pod): Pod {
  const { phase, podIP, conditions } = status ?? {};
  return {
    metadata: slimMeta(metadata),
    spec: { containers: [], ...(spec.hostNetwork === undefined ? {} : { hostNetwork: spec.hostNetwork }) },
    status: {
      ...(phase === undefined ? {} : { phase }),
      ...(podIP === undefined ? {} : { podIP }),
      conditions: (conditions ?? [])
        .filter(({ type }) => type === "Ready")
        .map(({ type, status }) => ({ type, status })),
    },
  };
}

function slimMeta({ name, namespace, uid, resourceVersion, deletionTimestamp }: ObjectMeta): ObjectMeta {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}
