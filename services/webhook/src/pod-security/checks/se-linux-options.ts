import type { CheckPod, FieldBreach } from "../check.ts";
import type { SeLinuxOptions } from "../pod-parts.ts";
import { plural, quoted, setters, sorted } from "../wording.ts";

/** Only the SELinux types of containers; no own user or role. */
export function seLinuxOptions(allowedTypes: ReadonlySet<string>): CheckPod {
  const breaches = (path: string, subject: string, options: SeLinuxOptions): FieldBreach[] => {
    const at = `${path}.securityContext.seLinuxOptions`;
    const fields: FieldBreach[] = [];
    const type = options.type ?? "";
    if (!allowedTypes.has(type)) fields.push({ path: `${at}.type`, subject, message: `must not be ${type}` });
    if ((options.user ?? "") !== "") fields.push({ path: `${at}.user`, subject, message: "must not be set" });
    if ((options.role ?? "") !== "") fields.push({ path: `${at}.role`, subject, message: "must not be set" });
    return fields;
  };
  return (pod) => {
    const fields: FieldBreach[] = [];
    const types: string[] = [];
    const names: string[] = [];
    const visit = (path: string, subject: string, options: SeLinuxOptions | null | undefined): boolean => {
      const found = options == null ? [] : breaches(path, subject, options);
      if (found.some((field) => field.path.endsWith(".type"))) types.push(options?.type ?? "");
      fields.push(...found);
      return found.length > 0;
    };
    const podSets = visit(pod.path, "pod", pod.security?.seLinuxOptions);
    for (const { name, path, security } of pod.containers) {
      if (visit(path, name, security?.seLinuxOptions)) names.push(name);
    }
    if (fields.length === 0) return undefined;
    const parts: string[] = [];
    const distinct = sorted(types);
    if (distinct.length > 0) parts.push(`${plural("type", "types", distinct.length)} ${quoted(distinct)}`);
    if (fields.some((field) => field.path.endsWith(".user"))) parts.push("user may not be set");
    if (fields.some((field) => field.path.endsWith(".role"))) parts.push("role may not be set");
    return {
      reason: "seLinuxOptions",
      detail: `${setters(podSets, names)} set forbidden securityContext.seLinuxOptions: ${parts.join("; ")}`,
      fields,
    };
  };
}
