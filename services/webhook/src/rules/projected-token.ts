import { at, listAt } from "../review/json-object.ts";
import { podRule } from "./pod-rule.ts";
import type { Finding } from "./rule.ts";

/** What the API server itself projects into every pod (kube-api-access: one hour and a few seconds). */
const MAX_SECONDS = 3607;

/**
 * A token that a pod has projected is short and for the API server: one for another audience would be believed by
 * whoever checks it offline, long after the session has ended. The kubelet asks for it, so `token-request` never sees it.
 */
export const projectedToken = podRule("projected-token", ({ spec, prefix }, { settings }) =>
  listAt(spec, "volumes").flatMap((volume, index) =>
    listAt(volume, "projected", "sources").flatMap((source, position): readonly Finding[] => {
      const path = `${prefix}spec.volumes[${index}].projected.sources[${position}].serviceAccountToken`;
      const audience = at(source, "serviceAccountToken", "audience");
      const seconds = at(source, "serviceAccountToken", "expirationSeconds");
      const found: Finding[] = [];
      if (typeof audience === "string" && audience !== "" && !settings.tokenAudiences.includes(audience)) {
        const allowed = settings.tokenAudiences.join(", ");
        found.push({ path: `${path}.audience`, message: `must not be ${audience}; allowed are ${allowed}` });
      }
      if (typeof seconds === "number" && seconds > MAX_SECONDS) {
        found.push({ path: `${path}.expirationSeconds`, message: `must not exceed ${MAX_SECONDS}, is ${seconds}` });
      }
      return found;
    }),
  ),
);
