import type { CheckPod, FieldBreach } from "../check.ts";
import { setters } from "../wording.ts";

/** Neither the pod nor a container is a Windows HostProcess. */
export const windowsHostProcess: CheckPod = (pod) => {
  const fields: FieldBreach[] = [];
  const at = (path: string, subject: string): FieldBreach => ({
    path: `${path}.securityContext.windowsOptions.hostProcess`,
    subject,
    message: "must not be true",
  });
  const podSets = pod.security?.windowsOptions?.hostProcess === true;
  if (podSets) fields.push(at(pod.path, "pod"));
  const bad = pod.containers.filter(({ security }) => security?.windowsOptions?.hostProcess === true);
  if (!podSets && bad.length === 0) return undefined;
  for (const { name, path } of bad) fields.push(at(path, name));
  const who = setters(
    podSets,
    bad.map(({ name }) => name),
  );
  return {
    reason: "hostProcess",
    detail: `${who} must not set securityContext.windowsOptions.hostProcess=true`,
    fields,
  };
};
