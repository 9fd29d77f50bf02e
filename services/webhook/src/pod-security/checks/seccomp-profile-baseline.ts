import type { CheckPod } from "../check.ts";
import { quoted, setters, sorted } from "../wording.ts";
import { profileTypes, type ProfileTypes } from "./profile-types.ts";

/** Upstream's words for profiles that are named and not allowed. */
export function badSeccompDetail(found: ProfileTypes): string {
  const values = quoted(sorted(found.badValues));
  return `${setters(found.podBad, found.badNames)} must not set securityContext.seccompProfile.type to ${values}`;
}

/** Baseline from v1.19: a seccomp profile, where one is named, is RuntimeDefault or Localhost. */
export const seccompProfileBaseline: CheckPod = (pod) => {
  const found = profileTypes(pod, "seccompProfile");
  if (found.fields.length === 0) return undefined;
  return { reason: "seccompProfile", detail: badSeccompDetail(found), fields: found.fields };
};
