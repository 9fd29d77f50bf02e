import type { CheckPod, FieldBreach } from "../check.ts";
import { containersText, quoted, sorted } from "../wording.ts";

/** Exact names: `CAP_CHOWN` and lower case fail. */
const ALLOWED: ReadonlySet<string> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

/** No capability beyond the container runtime's default set is added. */
export const capabilitiesBaseline: CheckPod = (pod) => {
  const fields: FieldBreach[] = [];
  const names: string[] = [];
  const added: string[] = [];
  for (const { name, path, security } of pod.containers) {
    const bad = (security?.capabilities?.add ?? []).filter((capability) => !ALLOWED.has(capability));
    if (bad.length === 0) continue;
    names.push(name);
    for (const capability of bad) {
      added.push(capability);
      fields.push({
        path: `${path}.securityContext.capabilities.add`,
        subject: name,
        message: `must not include ${capability}`,
      });
    }
  }
  if (names.length === 0) return undefined;
  return {
    reason: "non-default capabilities",
    detail: `${containersText(names)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add`,
    fields,
  };
};
