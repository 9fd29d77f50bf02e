import { stringAt } from "../review/json-object.ts";
import { podRule } from "./pod-rule.ts";

/** The container runtime is not chosen: another one may be less of a sandbox, or exempt from Pod Security. */
export const runtimeClass = podRule("runtime-class", ({ spec, prefix }) => {
  const name = stringAt(spec, "runtimeClassName") ?? "";
  return name === "" ? [] : [{ path: `${prefix}spec.runtimeClassName`, message: `must not be set, is ${name}` }];
});
