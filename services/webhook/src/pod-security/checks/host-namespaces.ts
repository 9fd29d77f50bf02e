import type { CheckPod } from "../check.ts";

const FIELDS = ["hostNetwork", "hostPID", "hostIPC"] as const;

/** The pod shares none of the node's namespaces. */
export const hostNamespaces: CheckPod = (pod) => {
  const bad = FIELDS.filter((field) => pod.spec[field] === true);
  if (bad.length === 0) return undefined;
  return {
    reason: "host namespaces",
    detail: bad.map((field) => `${field}=true`).join(", "),
    fields: bad.map((field) => ({ path: `${pod.path}.${field}`, subject: "pod", message: "must not be true" })),
  };
};
