import type { CheckPod } from "../check.ts";
import type { Volume } from "../pod-parts.ts";
import { plural, quoted, sorted } from "../wording.ts";

const ALLOWED = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
] as const;

/** In upstream's order: the first that is set names the volume's type. */
const FORBIDDEN = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "gitRepo",
  "nfs",
  "iscsi",
  "glusterfs",
  "rbd",
  "flexVolume",
  "cinder",
  "cephfs",
  "flocker",
  "fc",
  "azureFile",
  "vsphereVolume",
  "quobyte",
  "azureDisk",
  "photonPersistentDisk",
  "portworxVolume",
  "scaleIO",
  "storageos",
] as const;

function forbiddenType(volume: Volume): string | undefined {
  if (ALLOWED.some((source) => volume[source] != null)) return undefined;
  return FORBIDDEN.find((source) => volume[source] != null) ?? "unknown";
}

/** Every volume is one of the types that a tenant may have; a type that nobody knows fails. */
export const restrictedVolumes: CheckPod = (pod) => {
  const bad = (pod.spec.volumes ?? []).flatMap((volume, index) => {
    const type = forbiddenType(volume);
    return type === undefined ? [] : [{ name: volume.name ?? "", index, type }];
  });
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map(({ type }) => type));
  const volumes = `${plural("volume", "volumes", bad.length)} ${quoted(bad.map(({ name }) => name))}`;
  const verb = plural("uses", "use", bad.length);
  return {
    reason: "restricted volume types",
    detail: `${volumes} ${verb} ${plural("restricted volume type", "restricted volume types", types.length)} ${quoted(types)}`,
    fields: bad.map(({ name, index, type }) => ({
      path: `${pod.path}.volumes[${index}]${type === "unknown" ? "" : `.${type}`}`,
      subject: name,
      message: `must be one of ${ALLOWED.join(", ")}, not ${type}`,
    })),
  };
};
