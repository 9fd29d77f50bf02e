import type { CheckPod } from "../check.ts";

/** The pod sets no sysctl but those that are isolated per pod. */
export function sysctls(allowed: ReadonlySet<string>): CheckPod {
  return (pod) => {
    const list = pod.security?.sysctls;
    if (list == null) return undefined;
    const bad = list
      .map((sysctl, index) => ({ name: sysctl.name ?? "", index }))
      .filter(({ name }) => !allowed.has(name));
    if (bad.length === 0) return undefined;
    return {
      reason: "forbidden sysctls",
      detail: bad.map(({ name }) => name).join(", "),
      fields: bad.map(({ name, index }) => ({
        path: `${pod.path}.securityContext.sysctls[${index}].name`,
        subject: "pod",
        message: `must not be ${name}`,
      })),
    };
  };
}
