import { DESK_POD, DESK_PRIORITY_CLASS, LABELS, LEARNER_SERVICE_ACCOUNT, ROLE_DESK } from "@carrel/api";
import type { Pod } from "@carrel/kube";
import { CarrelError } from "@carrel/std";
import { renderVariables } from "@carrel/template";
import { grantsAccess } from "./access.ts";
import { pullSecrets } from "./service-accounts.ts";
import { ownMetadata, type WorkspaceContext } from "./workspace-context.ts";

/** A container as a template's author writes it. */
export type DeskContainer = Readonly<Record<string, unknown>> & { readonly name: string };

/** Namespace deletion waits for pods, so a desk may not ask for a long goodbye. */
const MAX_GRACE_SECONDS = 10;

/** What a container of a desk gets whose author says nothing. */
export const DESK_RESOURCES = {
  requests: { cpu: "50m", memory: "128Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "1", memory: "512Mi", "ephemeral-storage": "1Gi" },
};

/**
 * The workspace pod: the template's PodSpec with what Carrel insists on (account, labels, priority class, grace) and
 * secure defaults where the author left a choice. Pod Security still judges the result. Pure.
 *
 * @throws ApiError `INVALID` for an unknown variable, CarrelError `INVALID` for a runtime class beyond the profile.
 */
export function planDeskPod(context: WorkspaceContext): Pod {
  const { workspace, template, namespaces } = context;
  const { spec, metadata: given } = renderVariables(template.workspace.template, context.variables);
  const metadata = ownMetadata(workspace, DESK_POD);
  requireRuntimeClass(spec["runtimeClassName"], namespaces[0].profile.runtimeClasses);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata,
      labels: { ...given?.labels, ...metadata.labels, [LABELS.role]: ROLE_DESK },
      ...(given?.annotations === undefined ? {} : { annotations: given.annotations }),
    },
    spec: {
      enableServiceLinks: false,
      ...spec,
      ...imagePullSecrets(context, spec["imagePullSecrets"]),
      automountServiceAccountToken: template.workspace.token ?? grantsAccess(context),
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
        : { initContainers: (spec["initContainers"] as DeskContainer[]).map(withDefaults) }),
      containers: withReadiness(spec.containers.map(withDefaults), context),
    },
  } as Pod;
}

function withDefaults(container: DeskContainer): DeskContainer {
  return {
    imagePullPolicy: "IfNotPresent",
    resources: DESK_RESOURCES,
    ...container,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      ...(container["securityContext"] as object | undefined),
    },
  };
}

/**
 * Ready means that the main port answers: "running" alone would route browsers into a refused connection. Where an
 * author probes a container, or the main endpoint is not the desk's, that is left alone.
 */
function withReadiness(containers: readonly DeskContainer[], { template }: WorkspaceContext): readonly DeskContainer[] {
  const main = template.endpoints.find(({ name, path }) => name === "main" && path === "/") ?? template.endpoints[0];
  const probed = containers.some((container) => "readinessProbe" in container);
  if (probed || main === undefined || main.service !== undefined) return containers;
  const readinessProbe = { tcpSocket: { port: main.port }, periodSeconds: 1, failureThreshold: 3 };
  return containers.map((container, index) => (index === 0 ? { readinessProbe, ...container } : container));
}

/** Those that the author names, and those that are copied to be used so. */
function imagePullSecrets(context: WorkspaceContext, given: unknown): ReturnType<typeof pullSecrets> {
  const copied = pullSecrets(context, context.namespaces[0].alias).imagePullSecrets ?? [];
  const named = (given ?? []) as readonly { readonly name: string }[];
  const all = [...named, ...copied.filter(({ name }) => !named.some((other) => other.name === name))];
  return all.length === 0 ? {} : { imagePullSecrets: all };
}

function requireRuntimeClass(name: unknown, allowed: readonly string[]): void {
  if (name === undefined || name === "" || allowed.some((one) => one === name)) return;
  const which = allowed.length === 0 ? "none is" : `allowed are ${allowed.join(", ")}`;
  throw new CarrelError("INVALID", `runtimeClassName ${JSON.stringify(name)} is not allowed by the profile; ${which}`);
}
