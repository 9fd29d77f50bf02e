import type { CheckPod } from "../check.ts";

/** The check, but not for pods that say they run on Windows: API validation keeps the fields off them. */
export function unlessWindows(check: CheckPod): CheckPod {
  return (pod) => (pod.spec.os?.name === "windows" ? undefined : check(pod));
}

/** The check, but not for pods in a user namespace of their own (KEP-127). */
export function unlessUserNamespace(check: CheckPod): CheckPod {
  return (pod) => (pod.spec.hostUsers === false ? undefined : check(pod));
}
