import type { Container, ContainerSecurityContext, PodParts, PodSecurityContext, PodSpec } from "./pod-parts.ts";

/** A container with the place where it stands. */
export interface VisitedContainer {
  readonly name: string;
  /** e.g. `spec.initContainers[0]`. */
  readonly path: string;
  readonly container: Container;
  readonly security: ContainerSecurityContext | undefined;
}

/** A pod unfolded once, so that 19 checks need not walk it 19 times. */
export interface PodView {
  /** Where the PodSpec stands, e.g. `spec` or `spec.template.spec`. */
  readonly path: string;
  /** Where the pod's metadata stands, e.g. `metadata` or `spec.template.metadata`. */
  readonly metadataPath: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  readonly security: PodSecurityContext | undefined;
  /** Init, then regular, then ephemeral containers: the order of upstream's messages. */
  readonly containers: readonly VisitedContainer[];
}

const LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;

/**
 * Unfolds a pod.
 *
 * @param prefix where the pod stands in the object, with its dot: `` or `spec.template.`.
 */
export function viewOf(pod: PodParts, prefix = ""): PodView {
  const path = `${prefix}spec`;
  const containers: VisitedContainer[] = [];
  for (const list of LISTS) {
    const members = pod.spec[list] ?? [];
    for (const [index, container] of members.entries()) {
      containers.push({
        name: container.name ?? "",
        path: `${path}.${list}[${index}]`,
        container,
        security: container.securityContext ?? undefined,
      });
    }
  }
  return {
    path,
    metadataPath: `${prefix}metadata`,
    annotations: pod.metadata?.annotations ?? {},
    spec: pod.spec,
    security: pod.spec.securityContext ?? undefined,
    containers,
  };
}
