import { stringAt } from "../review/json-object.ts";
import { podRule } from "./pod-rule.ts";

const DEFAULT = "default-scheduler";

/** Pods are placed by the default scheduler. */
export const schedulerName = podRule("scheduler-name", ({ spec, prefix }) => {
  const name = stringAt(spec, "schedulerName") ?? "";
  if (name === "" || name === DEFAULT) return [];
  return [{ path: `${prefix}spec.schedulerName`, message: `must be ${DEFAULT}, is ${name}` }];
});
