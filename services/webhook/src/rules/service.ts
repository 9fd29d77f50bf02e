import { at, listAt, mapAt, stringAt, type JsonObject } from "../review/json-object.ts";
import type { Finding, ObjectRule } from "./rule.ts";

/** Fields that lead traffic of others, or of the world, to or from a Service (CVE-2020-8554 and its kin). */
const FORBIDDEN = ["externalName", "loadBalancerIP", "loadBalancerClass", "healthCheckNodePort"] as const;
const FORBIDDEN_LISTS = ["externalIPs", "loadBalancerSourceRanges"] as const;
/** Annotations by which other programs publish a Service. */
const PUBLISHING = [
  "external-dns.alpha.kubernetes.io/",
  "service.beta.kubernetes.io/",
  "metallb.universe.tf/",
  "metallb.io/",
];

/** Services are reached inside the cluster only. */
export const service: ObjectRule = {
  id: "service",
  actors: ["learner", "author"],
  check(object, { request }): readonly Finding[] {
    if (request.kind.group !== "" || request.kind.kind !== "Service") return [];
    return [...typeFindings(object), ...fieldFindings(object), ...annotationFindings(object)];
  },
};

function typeFindings(object: JsonObject): readonly Finding[] {
  const type = stringAt(object, "spec", "type") ?? "ClusterIP";
  return type === "ClusterIP" ? [] : [{ path: "spec.type", message: `must be ClusterIP, is ${type}` }];
}

function fieldFindings(object: JsonObject): readonly Finding[] {
  const found: Finding[] = [];
  for (const field of FORBIDDEN) {
    const value = at(object, "spec", field);
    if (value != null && value !== "" && value !== 0) {
      found.push({ path: `spec.${field}`, message: `must not be set, is ${JSON.stringify(value)}` });
    }
  }
  for (const field of FORBIDDEN_LISTS) {
    const values = listAt(object, "spec", field);
    if (values.length > 0) found.push({ path: `spec.${field}`, message: `must not be set, is ${values.join(", ")}` });
  }
  for (const [index, port] of listAt(object, "spec", "ports").entries()) {
    const nodePort = at(port, "nodePort");
    if (typeof nodePort === "number" && nodePort !== 0) {
      found.push({
        path: `spec.ports[${index}].nodePort`,
        subject: String(nodePort),
        message: `must not be ${nodePort}`,
      });
    }
  }
  return found;
}

function annotationFindings(object: JsonObject): readonly Finding[] {
  return Object.keys(mapAt(object, "metadata", "annotations"))
    .filter((key) => PUBLISHING.some((prefix) => key.startsWith(prefix)))
    .map((key) => ({ path: `metadata.annotations[${key}]`, message: "must not be set: Services are not published" }));
}
