import { DESK_POD, DESK_PRIORITY_CLASS, LABELS, LEARNER_SERVICE_ACCOUNT, ROLE_DESK } from "@carrel/api";
import type { Pod } from "@carrel/kube";
import { renderVariables } from "../template/variables.ts";
import { ownMetadata, type WorkspaceContext } from "./workspace-context.ts";

type Container = Readonly<Record<string, unknown>> & { readonly name: string };

/** Namespace deletion waits for pods, so a desk may not ask for a long goodbye. */
const MAX_GRACE_SECONDS = 10;

const DEFAULT_RESOURCES = {
  requests: { cpu: "50m", memory: "128Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "1", memory: "512Mi", "ephemeral-storage": "1Gi" },
};

/**
 * The workspace pod: the template's PodSpec with what Carrel insists on (account, labels, priority class, grace) and
 * secure defaults where the author left a choice. Pod Security still judges the result.
 */
export function planDeskPod(context: WorkspaceContext): Pod {
  const { workspace, template } = context;
  const rendered = renderVariables(template.workspace.template, context.variables);
  const metadata = ownMetadata(workspace, DESK_POD);
  const main = template.endpoints.find((endpoint) => endpoint.name === "main") ?? template.endpoints[0];
  const spec = rendered.spec;
  const probed = spec.containers.some((container) => "readinessProbe" in container);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata,
      labels: { ...rendered.metadata?.labels, ...metadata.labels, [LABELS.role]: ROLE_DESK },
      ...(rendered.metadata?.annotations === undefined ? {} : { annotations: rendered.metadata.annotations }),
    },
    spec: {
      enableServiceLinks: false,
      automountServiceAccountToken: template.role !== "none",
      ...spec,
      restartPolicy: "Always",
      serviceAccountName: LEARNER_SERVICE_ACCOUNT,
      priorityClassName: DESK_PRIORITY_CLASS,
      terminationGracePeriodSeconds: Math.min(MAX_GRACE_SECONDS, Number(spec["terminationGracePeriodSeconds"] ?? 5)),
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
        ...(spec["securityContext"] as object | undefined),
      },
      ...(spec["initContainers"] === undefined
        ? {}
        : { initContainers: (spec["initContainers"] as Container[]).map(withDefaults) }),
      containers: spec.containers.map((container, index) => ({
        ...(index === 0 && !probed && main !== undefined ? { readinessProbe: tcpProbe(main.port) } : {}),
        ...withDefaults(container),
      })),
    },
  } as Pod;
}

function withDefaults(container: Container): Container {
  return {
    imagePullPolicy: "IfNotPresent",
    resources: DEFAULT_RESOURCES,
    ...container,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      ...(container["securityContext"] as object | undefined),
    },
  };
}

/** Ready means that the port answers: "running" alone would route browsers into a refused connection. */
function tcpProbe(port: number): object {
  return { tcpSocket: { port }, periodSeconds: 1, failureThreshold: 3 };
}
