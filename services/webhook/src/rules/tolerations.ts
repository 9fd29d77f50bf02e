import { listAt, stringAt } from "../review/json-object.ts";
import { podRule } from "./pod-rule.ts";

/** What the API server itself adds to every pod (DefaultTolerationSeconds). */
const ALLOWED: readonly string[] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** Pods tolerate no taint that keeps them off nodes which are not for them. An empty key means every taint. */
export const tolerations = podRule("tolerations", ({ spec, prefix }) =>
  listAt(spec, "tolerations").flatMap((toleration, index) => {
    const key = stringAt(toleration, "key") ?? "";
    if (ALLOWED.includes(key)) return [];
    return [
      {
        path: `${prefix}spec.tolerations[${index}].key`,
        subject: key,
        message: `must not be ${key === "" ? "empty (every taint)" : key}; allowed are ${ALLOWED.join(", ")}`,
      },
    ];
  }),
);
