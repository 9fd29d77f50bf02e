import type { CheckPod, FieldBreach } from "../check.ts";
import { plural, quoted, setters, sorted } from "../wording.ts";
import { profileTypes } from "./profile-types.ts";

const ANNOTATION_PREFIX = "container.apparmor.security.beta.kubernetes.io/";

function isAllowedAnnotation(value: string): boolean {
  return value === "" || value === "runtime/default" || value.startsWith("localhost/");
}

/** AppArmor is not switched off, neither by field nor by annotation; both count at every version. */
export const appArmorProfile: CheckPod = (pod) => {
  const found = profileTypes(pod, "appArmorProfile");
  const annotations = Object.entries(pod.annotations).filter(
    ([key, value]) => key.startsWith(ANNOTATION_PREFIX) && !isAllowedAnnotation(value),
  );
  if (!found.podBad && found.badNames.length === 0 && annotations.length === 0) return undefined;

  const fields: FieldBreach[] = [...found.fields];
  const values = sorted(found.badValues);
  const who: string[] = [];
  const by = setters(found.podBad, found.badNames);
  if (by !== "") who.push(by);
  if (annotations.length > 0) {
    values.push(...annotations.map(([key, value]) => `${key}=${JSON.stringify(value)}`).sort());
    who.push(plural("annotation", "annotations", annotations.length));
    for (const [key, value] of annotations) {
      fields.push({
        path: `${pod.metadataPath}.annotations[${key}]`,
        subject: key,
        message: `must not be ${JSON.stringify(value)}`,
      });
    }
  }
  return {
    reason: plural("forbidden AppArmor profile", "forbidden AppArmor profiles", values.length),
    detail: `${who.join(" and ")} must not set AppArmor profile type to ${quoted(values)}`,
    fields,
  };
};
