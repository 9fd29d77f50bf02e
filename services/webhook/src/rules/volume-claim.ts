import { asObject, at, listAt, stringAt, type JsonObject } from "../review/json-object.ts";
import { podOf } from "../review/pod-of.ts";
import type { Finding, ObjectRule } from "./rule.ts";

/**
 * A claim gets a volume made for it: it picks none that exists, and copies from no other namespace. Templates of claims
 * count too: a controller makes the claims that they describe.
 */
export const volumeClaim: ObjectRule = {
  id: "volume-claim",
  actors: ["learner", "author"],
  check(object, { request }): readonly Finding[] {
    return claimSpecs(object, request.kind.group, request.kind.kind).flatMap(([spec, path]) => findingsOf(spec, path));
  },
};

/** Specs of claims in an object, each with its path. */
function claimSpecs(object: JsonObject, group: string, kind: string): readonly (readonly [unknown, string])[] {
  if (group === "" && kind === "PersistentVolumeClaim") return [[at(object, "spec"), "spec"]];
  const pod = podOf(group, kind, object);
  if (pod === undefined || pod === "undecodable") return [];
  const templates = listAt(object, "spec", "volumeClaimTemplates").map(
    (claim, index) => [at(claim, "spec"), `spec.volumeClaimTemplates[${index}].spec`] as const,
  );
  const ephemeral = (pod.pod.spec.volumes ?? []).map(
    (volume, index) =>
      [
        at(volume, "ephemeral", "volumeClaimTemplate", "spec"),
        `${pod.prefix}spec.volumes[${index}].ephemeral.volumeClaimTemplate.spec`,
      ] as const,
  );
  return [...templates, ...ephemeral];
}

function findingsOf(spec: unknown, path: string): readonly Finding[] {
  const found: Finding[] = [];
  const volume = stringAt(spec, "volumeName") ?? "";
  if (volume !== "") found.push({ path: `${path}.volumeName`, message: `must not be set, is ${volume}` });
  if (asObject(at(spec, "selector")) !== undefined) {
    found.push({ path: `${path}.selector`, message: "must not be set: a claim picks no existing volume" });
  }
  const source = stringAt(spec, "dataSourceRef", "namespace") ?? "";
  if (source !== "") {
    found.push({ path: `${path}.dataSourceRef.namespace`, message: `must not be set, is ${source}` });
  }
  return found;
}
