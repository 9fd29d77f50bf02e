import { podOf } from "../review/pod-of.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

/** What the other rules cannot read, nobody may store: an object must be there and a pod must have a pod's shape. */
export const decodable: RequestRule = {
  id: "decodable",
  actors: ["learner", "author", "controller", "scheduler", "node", "apiserver", "operator", "carrel"],
  check({ request }: RuleContext): Finding | undefined {
    const { operation, object, oldObject, kind } = request;
    const needed = operation === "DELETE" ? oldObject : object;
    if (needed === undefined) {
      return { path: operation === "DELETE" ? "oldObject" : "object", message: "is missing from the review" };
    }
    if (operation === "UPDATE" && oldObject === undefined) {
      return { path: "oldObject", message: "is missing from the review" };
    }
    if (operation === "DELETE" || podOf(kind.group, kind.kind, needed) !== "undecodable") return undefined;
    return { path: "spec", message: "must have the shape of a pod or of a template of pods" };
  },
};
