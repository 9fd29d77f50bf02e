import type { CheckPod } from "../check.ts";
import { containersText } from "../wording.ts";

/** No container runs privileged. */
export const privileged: CheckPod = (pod) => {
  const bad = pod.containers.filter((visited) => visited.security?.privileged === true);
  if (bad.length === 0) return undefined;
  return {
    reason: "privileged",
    detail: `${containersText(bad.map((visited) => visited.name))} must not set securityContext.privileged=true`,
    fields: bad.map((visited) => ({
      path: `${visited.path}.securityContext.privileged`,
      subject: visited.name,
      message: "must not be true",
    })),
  };
};
