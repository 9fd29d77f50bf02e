import type { Container, Pod, PodSpec } from "@carrel/kube";

/** Volume of the token that the API server adds to pods (its name ends at random). */
const TOKEN_VOLUME = /^kube-api-access-/;
/** Fields of a spec that the API server or the scheduler filled in, and that a creator does not write. */
const FILLED_IN = ["nodeName", "tolerations", "priority", "preemptionPolicy", "serviceAccount"] as const;

/** Name of the bare pod. */
export const FLOOR_POD = "desk";

/**
 * The bare pod that a session's desk is compared with: the same spec, without what the cluster added to it, and without
 * the labels by which Carrel would take it for its own. Pure.
 */
export function planFloorPod(desk: Pod, namespace: string): Pod {
  const spec = Object.fromEntries(
    Object.entries(desk.spec).filter(([field]) => !(FILLED_IN as readonly string[]).includes(field)),
  ) as unknown as PodSpec;
  const { volumes = [], containers, initContainers } = spec;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: FLOOR_POD, namespace },
    spec: {
      ...spec,
      containers: containers.map(withoutToken),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withoutToken) }),
      volumes: volumes.filter(({ name }) => !TOKEN_VOLUME.test(name)),
    },
  };
}

function withoutToken(container: Container): Container {
  const { volumeMounts = [] } = container;
  return { ...container, volumeMounts: volumeMounts.filter(({ name }) => !TOKEN_VOLUME.test(name)) };
}
