import type { PodTemplate } from "@carrel/api";

/** An object that a pod needs before its containers start. */
export interface PodReference {
  readonly kind: "Secret" | "ConfigMap" | "PersistentVolumeClaim";
  /** As written, with variables. */
  readonly name: string;
  readonly path: string;
  /** The pod starts without it. */
  readonly optional: boolean;
  /** Read once, when a container starts; a mounted one follows its object. */
  readonly once: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** The Secrets, ConfigMaps and volume claims that a pod template names. */
export function podReferences({ spec }: PodTemplate, path: string): readonly PodReference[] {
  const volumes = listOf(spec["volumes"]).flatMap((volume, index) =>
    ofVolume(volume, `${path}.spec.volumes[${index}]`),
  );
  const containers = ["initContainers", "containers"].flatMap((field) =>
    listOf(spec[field]).flatMap((container, index) => ofContainer(container, `${path}.spec.${field}[${index}]`)),
  );
  return [...volumes, ...containers];
}

function ofVolume(volume: Json, path: string): readonly PodReference[] {
  const { secret, configMap, persistentVolumeClaim, projected } = volume;
  return [
    ...reference("Secret", [secret, "secretName"], `${path}.secret`, false),
    ...reference("ConfigMap", [configMap, "name"], `${path}.configMap`, false),
    ...reference("PersistentVolumeClaim", [persistentVolumeClaim, "claimName"], `${path}.persistentVolumeClaim`, false),
    ...listOf(objectOf(projected)["sources"]).flatMap((source, index) => [
      ...reference("Secret", [source["secret"], "name"], `${path}.projected.sources[${index}].secret`, false),
      ...reference("ConfigMap", [source["configMap"], "name"], `${path}.projected.sources[${index}].configMap`, false),
    ]),
  ];
}

function ofContainer(container: Json, path: string): readonly PodReference[] {
  const all = listOf(container["envFrom"]).flatMap((source, index) => [
    ...reference("Secret", [source["secretRef"], "name"], `${path}.envFrom[${index}].secretRef`, true),
    ...reference("ConfigMap", [source["configMapRef"], "name"], `${path}.envFrom[${index}].configMapRef`, true),
  ]);
  const single = listOf(container["env"]).flatMap(({ valueFrom }, index) => {
    const from = objectOf(valueFrom);
    const at = `${path}.env[${index}].valueFrom`;
    return [
      ...reference("Secret", [from["secretKeyRef"], "name"], `${at}.secretKeyRef`, true),
      ...reference("ConfigMap", [from["configMapKeyRef"], "name"], `${at}.configMapKeyRef`, true),
    ];
  });
  return [...all, ...single];
}

function reference(
  kind: PodReference["kind"],
  [holder, field]: readonly [unknown, string],
  path: string,
  once: boolean,
): readonly PodReference[] {
  const { [field]: name, optional } = objectOf(holder);
  return typeof name === "string" ? [{ kind, name, path, optional: optional === true, once }] : [];
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
