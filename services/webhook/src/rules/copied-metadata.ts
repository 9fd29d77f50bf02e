import { at, listAt, type JsonObject } from "../review/json-object.ts";
import { podOf } from "../review/pod-of.ts";

/** Metadata inside an object that controllers copy into what they make of it, each with its path. */
export function copiedMetadata(
  object: JsonObject,
  group: string,
  kind: string,
): readonly (readonly [unknown, string])[] {
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
