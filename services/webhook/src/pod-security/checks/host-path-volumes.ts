import type { CheckPod } from "../check.ts";
import { plural, quoted } from "../wording.ts";

/** No volume is a path of the node. */
export const hostPathVolumes: CheckPod = (pod) => {
  const bad = (pod.spec.volumes ?? [])
    .map((volume, index) => ({ name: volume.name ?? "", index, set: volume["hostPath"] != null }))
    .filter((volume) => volume.set);
  if (bad.length === 0) return undefined;
  return {
    reason: "hostPath volumes",
    detail: `${plural("volume", "volumes", bad.length)} ${quoted(bad.map((volume) => volume.name))}`,
    fields: bad.map((volume) => ({
      path: `${pod.path}.volumes[${volume.index}].hostPath`,
      subject: volume.name,
      message: "must not be set",
    })),
  };
};
