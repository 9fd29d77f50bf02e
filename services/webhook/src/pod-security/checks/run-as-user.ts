import type { CheckPod, FieldBreach } from "../check.ts";
import { setters } from "../wording.ts";

/** Nothing runs as user 0. */
export const runAsUser: CheckPod = (pod) => {
  const podBad = pod.security?.runAsUser === 0;
  const bad = pod.containers.filter(({ security }) => security?.runAsUser === 0);
  if (!podBad && bad.length === 0) return undefined;
  const at = (path: string, subject: string): FieldBreach => ({
    path: `${path}.securityContext.runAsUser`,
    subject,
    message: "must not be 0",
  });
  const who = setters(
    podBad,
    bad.map(({ name }) => name),
  );
  return {
    reason: "runAsUser=0",
    detail: `${who} must not set runAsUser=0`,
    fields: [...(podBad ? [at(pod.path, "pod")] : []), ...bad.map(({ name, path }) => at(path, name))],
  };
};
