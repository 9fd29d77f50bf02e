import { asObject, at, listAt } from "../review/json-object.ts";
import { podRule } from "./pod-rule.ts";

const KINDS = ["podAffinity", "podAntiAffinity"] as const;
const LISTS = [
  ["requiredDuringSchedulingIgnoredDuringExecution", []],
  ["preferredDuringSchedulingIgnoredDuringExecution", ["podAffinityTerm"]],
] as const;

/** Affinity looks at the pods of its own namespace only: else it probes, and repels, other sessions' pods. */
export const podAffinity = podRule("pod-affinity", ({ spec, prefix }) =>
  KINDS.flatMap((kind) =>
    LISTS.flatMap(([list, steps]) =>
      listAt(spec, "affinity", kind, list).flatMap((entry, index) => {
        const term = at(entry, ...steps);
        const path = [`${prefix}spec.affinity.${kind}.${list}[${index}]`, ...steps].join(".");
        const found = [];
        if (listAt(term, "namespaces").length > 0) {
          found.push({ path: `${path}.namespaces`, message: "must not be set: only the own namespace counts" });
        }
        if (asObject(at(term, "namespaceSelector")) !== undefined) {
          found.push({ path: `${path}.namespaceSelector`, message: "must not be set: only the own namespace counts" });
        }
        return found;
      }),
    ),
  ),
);
