import type { CheckPod, FieldBreach } from "../check.ts";
import { containersText, plural, sorted } from "../wording.ts";

/** No container takes a port of the node. */
export const hostPorts: CheckPod = (pod) => {
  const fields: FieldBreach[] = [];
  const names: string[] = [];
  const ports: string[] = [];
  for (const { container, name, path } of pod.containers) {
    const before = fields.length;
    for (const [index, { hostPort }] of (container.ports ?? []).entries()) {
      if (hostPort == null || hostPort === 0) continue;
      ports.push(String(hostPort));
      fields.push({ path: `${path}.ports[${index}].hostPort`, subject: name, message: `must not be ${hostPort}` });
    }
    if (fields.length > before) names.push(name);
  }
  if (fields.length === 0) return undefined;
  const distinct = sorted(ports);
  const verb = plural("uses", "use", names.length);
  return {
    reason: "hostPort",
    detail: `${containersText(names)} ${verb} ${plural("hostPort", "hostPorts", distinct.length)} ${distinct.join(", ")}`,
    fields,
  };
};
