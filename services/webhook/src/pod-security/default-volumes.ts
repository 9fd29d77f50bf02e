import type { PodParts } from "./pod-parts.ts";

/**
 * Gives each volume without a source the `emptyDir` that the API server's defaulting gives it. Requests reach a
 * webhook already defaulted; pods read from files do not.
 */
export function defaultVolumes<P extends PodParts>(pod: P): P {
  const volumes = pod.spec.volumes;
  if (volumes == null) return pod;
  const defaulted = volumes.map((volume) => {
    const hasSource = Object.keys(volume).some((key) => key !== "name" && volume[key] != null);
    return hasSource ? volume : { ...volume, emptyDir: {} };
  });
  return { ...pod, spec: { ...pod.spec, volumes: defaulted } };
}
