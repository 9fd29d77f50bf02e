import { stringAt } from "../review/json-object.ts";
import { podRule } from "./pod-rule.ts";

/** Nobody but the scheduler chooses the node: a chosen one passes taints by. */
export const nodeName = podRule("node-name", ({ spec, prefix }) => {
  const name = stringAt(spec, "nodeName") ?? "";
  return name === "" ? [] : [{ path: `${prefix}spec.nodeName`, message: `must not be set, is ${name}` }];
});
