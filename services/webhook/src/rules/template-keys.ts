import { at, listAt, type JsonObject } from "../review/json-object.ts";
import { podOf } from "../review/pod-of.ts";
import { reservedKeys } from "./managed.ts";
import type { Finding, ObjectRule } from "./rule.ts";

/** Templates carry no key of Carrel's either: a controller would make objects with it, and those would pass for ours. */
export const templateKeys: ObjectRule = {
  id: "template-keys",
  actors: ["learner"],
  check(object, { request }): readonly Finding[] {
    return metadatas(object, request.kind.group, request.kind.kind)
      .flatMap(([metadata, path]) => reservedKeys(metadata, path))
      .map(({ key, path }) => ({ path, message: `must not be set; ${key} belongs to Carrel` }));
  },
};

function metadatas(object: JsonObject, group: string, kind: string): readonly (readonly [unknown, string])[] {
  const found: (readonly [unknown, string])[] = [];
  const pod = podOf(group, kind, object);
  if (pod === undefined || pod === "undecodable") return found;
  if (pod.prefix !== "") found.push([pod.pod.metadata, `${pod.prefix}metadata`]);
  if (kind === "CronJob") found.push([at(object, "spec", "jobTemplate", "metadata"), "spec.jobTemplate.metadata"]);
  for (const [index, claim] of listAt(object, "spec", "volumeClaimTemplates").entries()) {
    found.push([at(claim, "metadata"), `spec.volumeClaimTemplates[${index}].metadata`]);
  }
  for (const [index, volume] of (pod.pod.spec.volumes ?? []).entries()) {
    const claim = at(volume, "ephemeral", "volumeClaimTemplate", "metadata");
    found.push([claim, `${pod.prefix}spec.volumes[${index}].ephemeral.volumeClaimTemplate.metadata`]);
  }
  return found;
}
