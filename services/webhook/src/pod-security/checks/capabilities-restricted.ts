import type { CheckPod, FieldBreach } from "../check.ts";
import { containersText, quoted, sorted } from "../wording.ts";

/** Every container drops ALL capabilities and adds at most NET_BIND_SERVICE. */
export const capabilitiesRestricted: CheckPod = (pod) => {
  const fields: FieldBreach[] = [];
  const missing: string[] = [];
  const adding: string[] = [];
  const added: string[] = [];
  for (const { name, path, security } of pod.containers) {
    const capabilities = security?.capabilities;
    if (capabilities?.drop?.includes("ALL") !== true) {
      missing.push(name);
      fields.push({
        path: `${path}.securityContext.capabilities.drop`,
        subject: name,
        message: 'must include "ALL"',
      });
    }
    const bad = (capabilities?.add ?? []).filter((capability) => capability !== "NET_BIND_SERVICE");
    if (bad.length === 0) continue;
    adding.push(name);
    for (const capability of bad) {
      added.push(capability);
      fields.push({
        path: `${path}.securityContext.capabilities.add`,
        subject: name,
        message: `must not include ${capability}`,
      });
    }
  }
  if (fields.length === 0) return undefined;
  const details: string[] = [];
  if (missing.length > 0) details.push(`${containersText(missing)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    details.push(
      `${containersText(adding)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add`,
    );
  }
  return { reason: "unrestricted capabilities", detail: details.join("; "), fields };
};
