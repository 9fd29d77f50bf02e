import type { CheckPod, FieldBreach } from "../check.ts";
import { plural, sorted } from "../wording.ts";

const POD = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/";

function isAllowed(value: string): boolean {
  return value === "runtime/default" || value === "docker/default" || value.startsWith("localhost/");
}

/** Baseline up to v1.18: annotations only, and those of existing containers only. The field is ignored. */
export const seccompProfileAnnotations: CheckPod = (pod) => {
  const keys = [POD, ...pod.containers.map(({ name }) => `${CONTAINER_PREFIX}${name}`)];
  const fields: FieldBreach[] = [];
  const forbidden: string[] = [];
  for (const key of new Set(keys)) {
    const value = Object.hasOwn(pod.annotations, key) ? pod.annotations[key] : undefined;
    if (value === undefined || isAllowed(value)) continue;
    forbidden.push(`${key}=${JSON.stringify(value)}`);
    fields.push({
      path: `${pod.metadataPath}.annotations[${key}]`,
      subject: key,
      message: `must not be ${JSON.stringify(value)}`,
    });
  }
  if (forbidden.length === 0) return undefined;
  const list = sorted(forbidden);
  return {
    reason: "seccompProfile",
    detail: `forbidden ${plural("annotation", "annotations", list.length)} ${list.join(", ")}`,
    fields,
  };
};
