import type { CheckPod, FieldBreach } from "../check.ts";
import type { Container, Handler } from "../pod-parts.ts";
import { containersText, plural, quoted, sorted } from "../wording.ts";

function handlersOf(container: Container): readonly (readonly [string, Handler | null | undefined])[] {
  return [
    ["livenessProbe", container.livenessProbe],
    ["readinessProbe", container.readinessProbe],
    ["startupProbe", container.startupProbe],
    ["lifecycle.postStart", container.lifecycle?.postStart],
    ["lifecycle.preStop", container.lifecycle?.preStop],
  ];
}

/** No probe or lifecycle handler makes the kubelet call another host. */
export const hostProbesAndHostLifecycle: CheckPod = (pod) => {
  const fields: FieldBreach[] = [];
  const names: string[] = [];
  const hosts: string[] = [];
  for (const { container, name, path } of pod.containers) {
    for (const [field, handler] of handlersOf(container)) {
      if (handler == null) continue;
      for (const kind of ["httpGet", "tcpSocket"] as const) {
        const host = handler[kind]?.host ?? "";
        if (host === "") continue;
        names.push(name);
        hosts.push(host);
        fields.push({ path: `${path}.${field}.${kind}.host`, subject: name, message: `must not be ${host}` });
      }
    }
  }
  if (fields.length === 0) return undefined;
  const bad = sorted(names);
  const distinct = sorted(hosts);
  const noun = plural("probe or lifecycle host", "probe or lifecycle hosts", distinct.length);
  return {
    reason: "probe or lifecycle host",
    detail: `${containersText(bad)} ${plural("uses", "use", bad.length)} ${noun} ${quoted(distinct)}`,
    fields,
  };
};
