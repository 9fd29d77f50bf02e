import { DESK_PRIORITY_CLASS } from "@carrel/api";
import { stringAt } from "../review/json-object.ts";
import { podRule } from "./pod-rule.ts";

/** The class of desks has a quota of its own, and system classes evict everybody: neither is for learners. */
export const priorityClass = podRule("priority-class", ({ spec, prefix }) => {
  const name = stringAt(spec, "priorityClassName") ?? "";
  if (name !== DESK_PRIORITY_CLASS && !name.startsWith("system-")) return [];
  return [{ path: `${prefix}spec.priorityClassName`, message: `must not be ${name}` }];
});
