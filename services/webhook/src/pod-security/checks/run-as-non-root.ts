import type { CheckPod, FieldBreach } from "../check.ts";
import { containersText, setters } from "../wording.ts";

/** Every container must run as a user other than root, said by itself or by the pod. Windows is no exception. */
export const runAsNonRoot: CheckPod = (pod) => {
  const podValue = pod.security?.runAsNonRoot;
  const podBad = podValue === false;
  const explicit = pod.containers.filter(({ security }) => security?.runAsNonRoot === false);
  const implicit = podValue === true ? [] : pod.containers.filter(({ security }) => security?.runAsNonRoot == null);
  if (!podBad && explicit.length === 0 && implicit.length === 0) return undefined;

  const at = (path: string, subject: string, message: string): FieldBreach => ({
    path: `${path}.securityContext.runAsNonRoot`,
    subject,
    message,
  });
  const fields = [
    ...(podBad ? [at(pod.path, "pod", "must not be false")] : []),
    ...explicit.map(({ name, path }) => at(path, name, "must not be false")),
    ...implicit.map(({ name, path }) => at(path, name, "must be true, here or at the pod")),
  ];
  const who = setters(
    podBad,
    explicit.map(({ name }) => name),
  );
  const detail =
    who === ""
      ? `pod or ${containersText(implicit.map(({ name }) => name))} must set securityContext.runAsNonRoot=true`
      : `${who} must not set securityContext.runAsNonRoot=false`;
  return { reason: "runAsNonRoot != true", detail, fields };
};
