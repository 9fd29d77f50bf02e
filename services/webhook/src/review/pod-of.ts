import type { PodParts } from "../pod-security/pod-parts.ts";
import { asObject, at, type JsonObject } from "./json-object.ts";

/** Where an object of a kind keeps the pods that it will make: the path of the pod template; `[]` is a pod itself. */
const POD_PATHS: Readonly<Record<string, readonly string[]>> = {
  "/Pod": [],
  "/PodTemplate": ["template"],
  "/ReplicationController": ["spec", "template"],
  "apps/Deployment": ["spec", "template"],
  "apps/ReplicaSet": ["spec", "template"],
  "apps/StatefulSet": ["spec", "template"],
  "apps/DaemonSet": ["spec", "template"],
  "batch/Job": ["spec", "template"],
  "batch/CronJob": ["spec", "jobTemplate", "spec", "template"],
};

/** A pod inside an object. */
export interface FoundPod {
  readonly pod: PodParts;
  /** Where it stands, with a final dot: `` or `spec.template.`. */
  readonly prefix: string;
}

/** True for kinds that are pods or make pods. */
export function bearsPods(group: string, kind: string): boolean {
  return Object.hasOwn(POD_PATHS, `${group}/${kind}`);
}

/**
 * The pod, or the template of pods, in an object.
 *
 * @returns undefined for a kind that bears none; `"undecodable"` when the kind should bear one and it has not the shape
 *   of a pod, which whoever decides must refuse.
 */
export function podOf(group: string, kind: string, object: JsonObject): FoundPod | "undecodable" | undefined {
  const key = `${group}/${kind}`;
  const path = Object.hasOwn(POD_PATHS, key) ? POD_PATHS[key] : undefined;
  if (path === undefined) return undefined;
  const pod = path.length === 0 ? object : at(object, ...path);
  // A ReplicationController without a template is legal; the API server refuses it for the others.
  if (pod == null && kind === "ReplicationController") return undefined;
  return isPod(pod) ? { pod, prefix: path.map((step) => `${step}.`).join("") } : "undecodable";
}

const CONTAINER_LISTS = ["containers", "initContainers", "ephemeralContainers"] as const;

function isPod(value: unknown): value is PodParts {
  const spec = asObject(at(value, "spec"));
  if (spec === undefined) return false;
  return [...CONTAINER_LISTS, "volumes"].every((list) => isListOfObjects(spec[list]));
}

function isListOfObjects(value: unknown): boolean {
  return value == null || (Array.isArray(value) && value.every((item) => asObject(item) !== undefined));
}
