import type { Container, PodParts } from "../pod-security/pod-parts.ts";
import { pointer, type AddOperation } from "./json-patch.ts";

type Steps = readonly (string | number)[];

/** Which containers of the pod may still be given anything. */
export interface DefaultingScope {
  /** Where the pod stands in the object, e.g. `["spec", "template"]`. */
  readonly path: readonly string[];
  /** Only ephemeral containers from this index on: those of a pod that exists are the only part that may grow. */
  readonly ephemeralFrom?: number;
}

/** With these the API server refuses `allowPrivilegeEscalation: false`, in words that explain nothing. */
const ESCALATING: readonly string[] = ["SYS_ADMIN", "CAP_SYS_ADMIN"];

/**
 * What a pod needs to meet the restricted standard, where it says nothing itself: runs as non-root, the runtime's
 * seccomp profile, no privilege escalation, no capabilities. What is set is left alone, also when it is wrong: the
 * validating step says so. Pure and idempotent: the patched pod gets an empty patch.
 */
export function defaultSecurityContext(pod: PodParts, scope: DefaultingScope): readonly AddOperation[] {
  const spec: Steps = [...scope.path, "spec"];
  const windows = pod.spec.os?.name === "windows";
  const existing = scope.ephemeralFrom !== undefined;
  const lists = existing ? (["ephemeralContainers"] as const) : (["initContainers", "containers"] as const);
  return [
    ...(existing ? [] : podDefaults(pod, [...spec, "securityContext"], windows)),
    ...(windows
      ? []
      : lists.flatMap((list) =>
          (pod.spec[list] ?? []).flatMap((container, index) =>
            index < (scope.ephemeralFrom ?? 0)
              ? []
              : containerDefaults(container, [...spec, list, index, "securityContext"]),
          ),
        )),
  ];
}

function podDefaults(pod: PodParts, at: Steps, windows: boolean): readonly AddOperation[] {
  const security = pod.spec.securityContext;
  const missing: Record<string, unknown> = {};
  if (security?.runAsNonRoot == null) missing["runAsNonRoot"] = true;
  if (security?.seccompProfile == null && !windows) missing["seccompProfile"] = { type: "RuntimeDefault" };
  return fill(security != null, missing, at);
}

function containerDefaults(container: Container, at: Steps): readonly AddOperation[] {
  const security = container.securityContext;
  const added = security?.capabilities?.add ?? [];
  const missing: Record<string, unknown> = {};
  const escalates = security?.privileged === true || added.some((capability) => ESCALATING.includes(capability));
  if (security?.allowPrivilegeEscalation == null && !escalates) missing["allowPrivilegeEscalation"] = false;
  if (security?.capabilities == null) {
    missing["capabilities"] = { drop: ["ALL"] };
  } else if ((security.capabilities.drop ?? []).length === 0) {
    return [...fill(true, missing, at), add([...at, "capabilities", "drop"], ["ALL"])];
  }
  return fill(security != null, missing, at);
}

/** Adds the fields one by one to an object that exists, or all at once as a new object. */
function fill(exists: boolean, fields: Readonly<Record<string, unknown>>, at: Steps): readonly AddOperation[] {
  const entries = Object.entries(fields);
  if (entries.length === 0) return [];
  return exists ? entries.map(([key, value]) => add([...at, key], value)) : [add(at, fields)];
}

function add(steps: Steps, value: unknown): AddOperation {
  return { op: "add", path: pointer(...steps), value };
}
