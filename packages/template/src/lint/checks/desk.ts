import { RESERVED_PREFIX } from "@carrel/api";
import { errorAt, warningAt, type Check } from "../lint-facts.ts";

/** Fields of the pod that Carrel writes, and why. */
const CARRELS: Readonly<Record<string, string>> = {
  serviceAccountName:
    "the workspace pod runs as the learner's account; what it may do stands in spec.role and spec.rules",
  serviceAccount: "the workspace pod runs as the learner's account; what it may do stands in spec.role and spec.rules",
  priorityClassName: "the priority class of workspace pods is Carrel's: their quota is scoped by it",
  priority: "the priority class of workspace pods is Carrel's: their quota is scoped by it",
  nodeName: "it would go around the scheduler; use nodeSelector or affinity",
  restartPolicy: "the containers of the workspace pod are always restarted",
  automountServiceAccountToken: "spec.workspace.token says whether the pod gets a token",
};

/** What the author may not decide about the workspace pod, and what it cannot do. What it may do is the policy's. */
export const desk: Check = ({ spec }) => {
  const path = "spec.workspace.template";
  const pod = spec.workspace.template.spec;
  const labels = (["labels", "annotations"] as const).flatMap((field) =>
    Object.keys(spec.workspace.template.metadata?.[field] ?? {})
      .filter((key) => key.startsWith(RESERVED_PREFIX))
      .map((key) =>
        errorAt(
          "reserved-key",
          `${path}.metadata.${field}["${key}"]`,
          `keys under ${RESERVED_PREFIX} are Carrel's own`,
        ),
      ),
  );
  const fields = Object.entries(CARRELS)
    .filter(([field]) => pod[field] !== undefined)
    .map(([field, why]) => {
      const harmless = field === "restartPolicy" && pod[field] === "Always";
      return harmless ? [] : [errorAt("desk-field", `${path}.spec.${field}`, `must not be set: ${why}`)];
    })
    .flat();
  const containers = pod.containers.flatMap((container, index) =>
    pod.containers.findIndex(({ name }) => name === container.name) === index
      ? []
      : [
          errorAt(
            "duplicate",
            `${path}.spec.containers[${index}].name`,
            `a container ${container.name} is there already`,
          ),
        ],
  );
  return [...labels, ...fields, ...containers, ...undeclaredPorts(spec, path)];
};

function undeclaredPorts(spec: Parameters<Check>[0]["spec"], path: string): ReturnType<Check> {
  const containers = spec.workspace.template.spec.containers;
  const declared = containers.flatMap(({ ports }) => (Array.isArray(ports) ? (ports as unknown[]) : []));
  // Declaring ports is a habit, not a need: a warning only where the author has it.
  if (declared.length === 0) return [];
  const numbers = new Set(declared.map((port) => (port as { readonly containerPort?: unknown } | null)?.containerPort));
  return spec.endpoints.flatMap(({ service, port }, index) =>
    service !== undefined || numbers.has(port)
      ? []
      : [
          warningAt(
            "endpoint-port",
            `spec.endpoints[${index}].port`,
            `no container of ${path} declares the port ${port}`,
          ),
        ],
  );
}
