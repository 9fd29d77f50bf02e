import { LEARNER_SERVICE_ACCOUNT, type AccessRule } from "@carrel/api";
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  ownerRef,
  ROLE_BINDINGS,
  ROLES,
  WORKSPACES,
  type PolicyRule,
  type Role,
  type RoleBinding,
} from "@carrel/kube";
import { renderVariables } from "@carrel/template";
import type { PlannedObject } from "./planned-object.ts";
import { ownLabels, ownMetadata, primaryNamespace, type WorkspaceContext } from "./workspace-context.ts";

const RBAC = "rbac.authorization.k8s.io";
const RBAC_V1 = `${RBAC}/v1`;
/** Name of the Role that holds a namespace's own `rules`, and of its binding. */
const RULES = "learner-rules";

/** What the learner may do beyond the named roles; it gives nothing before it is bound. Pure. */
export function planRules(context: WorkspaceContext): PlannedObject[] {
  const { namespaces, template, workspace } = context;
  const roles = namespaces
    .filter(({ rules }) => rules.length > 0)
    .map(({ name, rules }) => ({
      resource: ROLES,
      object: {
        apiVersion: RBAC_V1,
        kind: "Role",
        metadata: ownMetadata(workspace, RULES, name),
        rules: policyRules(rules, context),
      } satisfies Role,
    }));
  if (template.clusterRules.length === 0) return roles;
  const clusterRole: Role = {
    apiVersion: RBAC_V1,
    kind: "ClusterRole",
    metadata: clusterMetadata(context),
    rules: policyRules(template.clusterRules, context),
  };
  return [...roles, { resource: CLUSTER_ROLES, object: clusterRole }];
}

/**
 * What gives the learner their rights: in each namespace one binding to one of Carrel's own ClusterRoles (not the
 * aggregated `edit`, which any operator's labels can widen) and one to the namespace's own rules; one for what the
 * template grants cluster-wide. Always to the one account in the primary namespace. To be created only when the quotas
 * count. Pure.
 */
export function planBindings(context: WorkspaceContext): PlannedObject[] {
  const { namespaces, template, workspace } = context;
  const bindings = namespaces.flatMap(({ name, role, rules }) => [
    ...(role === "none"
      ? []
      : [
          binding(
            context,
            { name: "learner", namespace: name },
            { kind: "ClusterRole", name: `carrel-learner-${role}` },
          ),
        ]),
    ...(rules.length === 0 ? [] : [binding(context, { name: RULES, namespace: name }, { kind: "Role", name: RULES })]),
  ]);
  const planned = bindings.map((object) => ({ resource: ROLE_BINDINGS, object }));
  if (template.clusterRules.length === 0) return planned;
  const clusterBinding: RoleBinding = {
    apiVersion: RBAC_V1,
    kind: "ClusterRoleBinding",
    metadata: clusterMetadata(context),
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: clusterRulesName(context) },
    subjects: [learner(workspace)],
  };
  return [...planned, { resource: CLUSTER_ROLE_BINDINGS, object: clusterBinding }];
}

/** Whether the learner may do anything at all in the cluster: without it the desk needs no token. Pure. */
export function grantsAccess({ template, namespaces }: Pick<WorkspaceContext, "template" | "namespaces">): boolean {
  return template.clusterRules.length > 0 || namespaces.some(({ role, rules }) => role !== "none" || rules.length > 0);
}

function binding(
  { workspace }: WorkspaceContext,
  of: { readonly name: string; readonly namespace: string },
  role: { readonly kind: "Role" | "ClusterRole"; readonly name: string },
): RoleBinding {
  return {
    apiVersion: RBAC_V1,
    kind: "RoleBinding",
    metadata: ownMetadata(workspace, of.name, of.namespace),
    roleRef: { apiGroup: RBAC, ...role },
    subjects: [learner(workspace)],
  };
}

function learner(workspace: WorkspaceContext["workspace"]): NonNullable<RoleBinding["subjects"]>[number] {
  return { kind: "ServiceAccount", name: LEARNER_SERVICE_ACCOUNT, namespace: primaryNamespace(workspace) };
}

function clusterRulesName({ workspace }: WorkspaceContext): string {
  return `carrel-${workspace.metadata.name}`;
}

/** The label finds it at the end; should nobody look, the garbage collector goes by the owner. */
function clusterMetadata(context: WorkspaceContext): Role["metadata"] {
  const { workspace } = context;
  return {
    name: clusterRulesName(context),
    labels: ownLabels(workspace),
    ownerReferences: [{ ...ownerRef(WORKSPACES, workspace), controller: true }],
  };
}

/** Variables reach `resourceNames`, where a rule names what the session itself brought along. */
function policyRules(rules: readonly AccessRule[], { variables }: WorkspaceContext): PolicyRule[] {
  return rules.map(({ apiGroups, resources, verbs, resourceNames }) => ({
    apiGroups,
    resources,
    verbs,
    ...(resourceNames === undefined ? {} : { resourceNames: renderVariables(resourceNames, variables) }),
  }));
}
