import type { FieldBreach } from "../check.ts";
import type { PodView } from "../pod-view.ts";

/** Where the pod and its containers name an AppArmor or seccomp profile, and which of the names are not allowed. */
export interface ProfileTypes {
  /** The pod names an allowed type, so that its containers need not. */
  readonly podSet: boolean;
  readonly podBad: boolean;
  readonly badNames: readonly string[];
  readonly badValues: readonly string[];
  /** Containers that name no profile of their own. */
  readonly unset: readonly { readonly name: string; readonly path: string }[];
  readonly fields: readonly FieldBreach[];
}

function isAllowed(type: string): boolean {
  return type === "RuntimeDefault" || type === "Localhost";
}

/** Reads `securityContext.<field>.type` of the pod and of every container. */
export function profileTypes(pod: PodView, field: "appArmorProfile" | "seccompProfile"): ProfileTypes {
  const fields: FieldBreach[] = [];
  const badNames: string[] = [];
  const badValues: string[] = [];
  const unset: { name: string; path: string }[] = [];
  const reject = (path: string, subject: string, type: string): void => {
    badValues.push(type);
    fields.push({
      path: `${path}.securityContext.${field}.type`,
      subject,
      message: `must be RuntimeDefault or Localhost, not ${type === "" ? "empty" : type}`,
    });
  };

  const own = pod.security?.[field];
  const podSet = own != null && isAllowed(own.type ?? "");
  if (own != null && !podSet) reject(pod.path, "pod", own.type ?? "");
  for (const { name, path, security } of pod.containers) {
    const profile = security?.[field];
    if (profile == null) {
      unset.push({ name, path });
    } else if (!isAllowed(profile.type ?? "")) {
      badNames.push(name);
      reject(path, name, profile.type ?? "");
    }
  }
  return { podSet, podBad: own != null && !podSet, badNames, badValues, unset, fields };
}
