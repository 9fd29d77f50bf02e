import { isDeepStrictEqual } from "node:util";
import type { Facts } from "../decision/facts.ts";
import type { AdmissionRequest } from "../review/admission-request.ts";
import { podOf } from "../review/pod-of.ts";
import { effectiveProfile } from "../rules/effective-profile.ts";
import { defaultSecurityContext } from "./default-security-context.ts";
import type { AddOperation } from "./json-patch.ts";

/**
 * The defaults that Carrel adds to a pod or a template of pods, so that a plain `kubectl create deployment` works under
 * the restricted standard. Never decides: an object that it cannot read gets no patch, and the validating step refuses.
 * Pure.
 */
export function mutate(request: AdmissionRequest, facts: Facts): readonly AddOperation[] {
  const { operation, object, oldObject, kind, subresource } = request;
  if (object === undefined || (operation !== "CREATE" && operation !== "UPDATE")) return [];
  if (facts.workspace.state !== "active" || effectiveProfile(facts)?.podSecurity.level !== "restricted") return [];
  const found = podOf(kind.group, kind.kind, object);
  if (found === undefined || found === "undecodable") return [];
  const path = found.prefix.split(".").filter((step) => step !== "");

  const before = oldObject === undefined ? undefined : podOf(kind.group, kind.kind, oldObject);
  const old = before === undefined || before === "undecodable" ? undefined : before.pod;
  if (subresource === "ephemeralcontainers") {
    return defaultSecurityContext(found.pod, { path, ephemeralFrom: old?.spec.ephemeralContainers?.length ?? 0 });
  }
  if (subresource !== "") return [];
  // The security context of a pod that exists is immutable; a template that stays as it is must not roll out anew.
  if (operation === "UPDATE" && (path.length === 0 || isDeepStrictEqual(old, found.pod))) return [];
  // A Job's template is immutable.
  if (operation === "UPDATE" && kind.kind === "Job") return [];
  return defaultSecurityContext(found.pod, { path });
}
