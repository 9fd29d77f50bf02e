import { LEARNER_SERVICE_ACCOUNT, namespaceName, type SessionTemplateSpec } from "@carrel/api";
import { GENERATED_SECRET } from "../generate/generated-secret.ts";
import { referencesOf } from "./references-of.ts";
import { renderVariables } from "./render-variables.ts";

/** What a template may know of the cluster; from the operator's configuration. */
export interface ClusterVariables {
  readonly ingress: {
    readonly domain: string;
    readonly scheme: "http" | "https";
    readonly port: number;
    /** IngressClass; absent: none named. */
    readonly class?: string | undefined;
  };
  /** DNS domain of Services, e.g. `cluster.local`. */
  readonly clusterDomain: string;
  readonly storageClass?: string | undefined;
  /** Constants of the operator's: `$(values.NAME)`. */
  readonly values: Readonly<Record<string, string>>;
}

export interface WorkspaceVariablesInput {
  /** The UID is left out while the API server has not given it; then `workspace.uid` is unknown. */
  readonly workspace: { readonly name: string; readonly uid?: string | undefined };
  readonly template: { readonly name: string; readonly generation: number; readonly spec: SessionTemplateSpec };
  readonly cluster: ClusterVariables;
}

/**
 * The variables that are known when a Workspace is built, but for `generated` (secret, see `generatedVariables`) and
 * `outputs`. All are strings and none is secret: they may be stored in the Workspace.
 */
export function workspaceVariables({ workspace, template, cluster }: WorkspaceVariablesInput): Record<string, string> {
  const { ingress, values } = cluster;
  const primary = namespaceName(workspace.name);
  const usual = ingress.scheme === "https" ? 443 : 80;
  const variables = {
    "workspace.name": workspace.name,
    ...(workspace.uid === undefined ? {} : { "workspace.uid": workspace.uid }),
    "session.namespace": primary,
    "session.serviceAccount": LEARNER_SERVICE_ACCOUNT,
    "namespaces.primary": primary,
    ...prefixed(
      "namespaces",
      template.spec.namespaces.map(({ name }) => [name, namespaceName(workspace.name, name)]),
    ),
    "template.name": template.name,
    "template.generation": String(template.generation),
    "ingress.domain": ingress.domain,
    "ingress.scheme": ingress.scheme,
    "ingress.port": String(ingress.port),
    "ingress.portSuffix": ingress.port === usual ? "" : `:${ingress.port}`,
    "ingress.class": ingress.class ?? "",
    "cluster.domain": cluster.clusterDomain,
    "cluster.storageClass": cluster.storageClass ?? "",
    ...prefixed("values", Object.entries(values)),
    ...Object.fromEntries(template.spec.generate.map(({ name }) => [`generated.${name}.secret`, GENERATED_SECRET])),
  };
  return { ...variables, ...deskVariables(template.spec, variables) };
}

/** The image may itself use variables; where one of them is known only at claim, so is the image. */
function deskVariables(
  spec: SessionTemplateSpec,
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [desk] = spec.workspace.template.spec.containers;
  if (desk === undefined) return {};
  const policy = typeof desk["imagePullPolicy"] === "string" ? desk["imagePullPolicy"] : "IfNotPresent";
  const known = referencesOf([desk.image, policy]).every(({ name }) => Object.hasOwn(variables, name));
  if (!known) return {};
  const [image, imagePullPolicy] = renderVariables([desk.image, policy], variables);
  return { "workspace.image": image ?? "", "workspace.imagePullPolicy": imagePullPolicy ?? "" };
}

function prefixed(family: string, entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(entries.map(([name, value]) => [`${family}.${name}`, value]));
}
