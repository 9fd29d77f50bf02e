import type { CheckPod } from "../check.ts";
import { containersText } from "../wording.ts";

/** Every container forbids privilege escalation explicitly. */
export const allowPrivilegeEscalation: CheckPod = (pod) => {
  const bad = pod.containers.filter(({ security }) => security?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: "allowPrivilegeEscalation != false",
    detail: `${containersText(bad.map(({ name }) => name))} must set securityContext.allowPrivilegeEscalation=false`,
    fields: bad.map(({ name, path }) => ({
      path: `${path}.securityContext.allowPrivilegeEscalation`,
      subject: name,
      message: "must be false",
    })),
  };
};
