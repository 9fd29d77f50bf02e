import { asObject, at, stringAt } from "../review/json-object.ts";
import type { Finding, ObjectRule } from "./rule.ts";

/** A claim gets a volume made for it: it picks none that exists, and copies from no other namespace. */
export const volumeClaim: ObjectRule = {
  id: "volume-claim",
  actors: ["learner"],
  check(object, { request }): readonly Finding[] {
    if (request.kind.group !== "" || request.kind.kind !== "PersistentVolumeClaim") return [];
    const found: Finding[] = [];
    const volume = stringAt(object, "spec", "volumeName") ?? "";
    if (volume !== "") found.push({ path: "spec.volumeName", message: `must not be set, is ${volume}` });
    if (asObject(at(object, "spec", "selector")) !== undefined) {
      found.push({ path: "spec.selector", message: "must not be set: a claim picks no existing volume" });
    }
    const source = stringAt(object, "spec", "dataSourceRef", "namespace") ?? "";
    if (source !== "") {
      found.push({ path: "spec.dataSourceRef.namespace", message: `must not be set, is ${source}` });
    }
    return found;
  },
};
