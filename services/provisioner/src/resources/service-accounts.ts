import { LEARNER_SERVICE_ACCOUNT } from "@carrel/api";
import type { ServiceAccount } from "@carrel/kube";
import { PRIMARY_ALIAS, type SessionNamespace } from "./session-namespace.ts";
import { ownMetadata, type WorkspaceContext } from "./workspace-context.ts";

/** The account that the desk, and by default nothing else, runs as. It stands in the primary namespace only. Pure. */
export function planServiceAccount(context: WorkspaceContext): ServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: ownMetadata(context.workspace, LEARNER_SERVICE_ACCOUNT),
    automountServiceAccountToken: false,
    ...pullSecrets(context, PRIMARY_ALIAS),
  };
}

/**
 * The account of pods that name none, with the Secrets that images are pulled with; undefined where there are none: then
 * the one that Kubernetes makes will do. To be applied, not created: Kubernetes makes it at the same time. Pure.
 */
export function planDefaultAccount(
  context: WorkspaceContext,
  namespace: Pick<SessionNamespace, "alias" | "name">,
): ServiceAccount | undefined {
  const secrets = pullSecrets(context, namespace.alias);
  if (secrets.imagePullSecrets === undefined) return undefined;
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: ownMetadata(context.workspace, "default", namespace.name),
    ...secrets,
  };
}

/** References to the Secrets that are copied into a namespace to pull images with. Pure. */
export function pullSecrets(
  { template }: Pick<WorkspaceContext, "template">,
  alias: string,
): Pick<ServiceAccount, "imagePullSecrets"> {
  const names = template.secrets
    .filter(({ pull, namespaces }) => pull && namespaces.includes(alias))
    .map(({ from, to }) => ({ name: to ?? from.name }));
  return names.length === 0 ? {} : { imagePullSecrets: names };
}
