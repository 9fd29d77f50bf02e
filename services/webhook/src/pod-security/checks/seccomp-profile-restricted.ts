import type { CheckPod } from "../check.ts";
import { containersText } from "../wording.ts";
import { profileTypes } from "./profile-types.ts";
import { badSeccompDetail } from "./seccomp-profile-baseline.ts";

/** Every container has a seccomp profile, its own or the pod's: RuntimeDefault or Localhost. */
export const seccompProfileRestricted: CheckPod = (pod) => {
  const found = profileTypes(pod, "seccompProfile");
  const missing = found.podSet ? [] : found.unset;
  if (found.fields.length === 0 && missing.length === 0) return undefined;
  const fields = [
    ...found.fields,
    ...missing.map(({ name, path }) => ({
      path: `${path}.securityContext.seccompProfile.type`,
      subject: name,
      message: "must be RuntimeDefault or Localhost, here or at the pod",
    })),
  ];
  const who = `pod or ${containersText(missing.map(({ name }) => name))}`;
  const detail =
    found.fields.length > 0
      ? badSeccompDetail(found)
      : `${who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: "seccompProfile", detail, fields };
};
