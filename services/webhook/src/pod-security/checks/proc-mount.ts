import type { CheckPod } from "../check.ts";
import { containersText, quoted, sorted } from "../wording.ts";

/** No container unmasks /proc. */
export const procMount: CheckPod = (pod) => {
  const bad = pod.containers.flatMap(({ name, path, security }) => {
    const value = security?.procMount;
    return value == null || value === "Default" ? [] : [{ name, path, value }];
  });
  if (bad.length === 0) return undefined;
  const values = quoted(sorted(bad.map(({ value }) => value)));
  return {
    reason: "procMount",
    detail: `${containersText(bad.map(({ name }) => name))} must not set securityContext.procMount to ${values}`,
    fields: bad.map(({ name, path, value }) => ({
      path: `${path}.securityContext.procMount`,
      subject: name,
      message: `must not be ${value}`,
    })),
  };
};
