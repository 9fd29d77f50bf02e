import assert from "node:assert/strict";
import { test } from "node:test";
import type { Workspace } from "@carrel/api";
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  isNotFound,
  POLICY_PROFILES,
  resource,
  type KubeClient,
  type KubeObject,
} from "@carrel/kube";
import { aPolicyProfile, eventually } from "@carrel/testkit";
import { workspaceBench, type WorkspaceBench } from "./testing/workspace-bench.ts";

interface AccessReview extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly allowed: boolean };
}
const REVIEWS = resource<AccessReview>("authorization.k8s.io/v1", "SubjectAccessReview", "subjectaccessreviews", false);

const VIRTUAL_MACHINES = { apiGroups: ["kubevirt.io"], resources: ["virtualmachines"], verbs: ["get", "create"] };
const NODES = { apiGroups: [""], resources: ["nodes"], verbs: ["get"], resourceNames: ["one"] };
/** What the operator lets the provisioner grant: less than the ceiling below allows. */
const GRANTABLE = [VIRTUAL_MACHINES, NODES];

/** Asks the API server's own authorizer: `verb resource.group/name`, in a namespace or in the whole cluster. */
async function may(client: KubeClient, workspace: string, what: string, namespace?: string): Promise<boolean> {
  const [verb, rest = ""] = what.split(" ");
  const [, path = "", group = "", name] = /^([^.:]+)(?:\.([^:]+))?(?::(.+))?$/.exec(rest) ?? [];
  const [plural, subresource] = path.split("/");
  const { status } = await client.create(REVIEWS, {
    metadata: {} as KubeObject["metadata"],
    spec: {
      user: `system:serviceaccount:${workspace}:learner`,
      groups: ["system:serviceaccounts", `system:serviceaccounts:${workspace}`, "system:authenticated"],
      resourceAttributes: { verb, resource: plural, subresource, group, name, namespace },
    },
  });
  return status?.allowed === true;
}

/** Those that the learner may do, of the given. */
async function allowed(
  client: KubeClient,
  workspace: string,
  what: readonly string[],
  namespace?: string,
): Promise<string[]> {
  const answers = await Promise.all(what.map((one) => may(client, workspace, one, namespace)));
  return what.filter((_, index) => answers[index]);
}

async function ready(bench: WorkspaceBench, workspace: Workspace): Promise<Workspace> {
  await bench.reportReady(workspace.metadata.name);
  return await bench.seen(workspace.metadata.name, ({ status }) => assert.equal(status?.phase, "Ready"));
}

const READ = ["get pods", "list services", "get pods/log", "get resourcequotas", "get namespaces"];
const WORK = [
  "get secrets",
  "create pods",
  "delete pods",
  "create pods/exec",
  "patch deployments.apps",
  "create jobs.batch",
];
const ADMIN = [
  "create roles.rbac.authorization.k8s.io",
  "delete rolebindings.rbac.authorization.k8s.io",
  "create serviceaccounts",
];
/** What no role ever gives. */
const NEVER = [
  "impersonate serviceaccounts",
  "create serviceaccounts/token",
  "update endpoints",
  "create endpointslices.discovery.k8s.io",
  "create resourcequotas",
  "delete resourcequotas",
  "update limitranges",
  "create networkpolicies.networking.k8s.io",
  "update namespaces",
  "delete namespaces",
  "escalate roles.rbac.authorization.k8s.io",
  "bind clusterroles.rbac.authorization.k8s.io",
  "create daemonsets.apps",
  "get virtualmachines.kubevirt.io",
];
const ALL = [...READ, ...WORK, ...ADMIN, ...NEVER];

test("each role gives what it says in its own namespace, and nothing anywhere else", async (t) => {
  const bench = await workspaceBench(t, GRANTABLE);
  await bench.start();
  const { metadata } = await ready(
    bench,
    await bench.workspace({
      role: "edit",
      namespaces: [
        { name: "own", role: "admin" },
        { name: "look", role: "view" },
        { name: "shut", role: "none" },
      ],
    }),
  );
  const other = await ready(bench, await bench.workspace());
  const of = (namespace: string | undefined): Promise<string[]> => allowed(bench.client, metadata.name, ALL, namespace);
  // The API server's authorizer learns of new bindings by a watch of its own.
  await eventually(async () => assert.deepEqual(await of(metadata.name), [...READ, ...WORK]));
  await eventually(async () => assert.deepEqual(await of(`${metadata.name}-own`), [...READ, ...WORK, ...ADMIN]));
  await eventually(async () => assert.deepEqual(await of(`${metadata.name}-look`), READ));
  for (const namespace of [
    `${metadata.name}-shut`,
    other.metadata.name,
    "default",
    "kube-system",
    "carrel-system",
    undefined,
  ]) {
    assert.deepEqual(await of(namespace), [], namespace ?? "cluster-wide");
  }
  assert.equal(await may(bench.client, metadata.name, "list namespaces"), false);
});

/** A ceiling for this test alone: without one, nothing beyond the roles is allowed. */
async function withCeiling(bench: WorkspaceBench): Promise<AsyncDisposable> {
  const more = { apiGroups: [""], resources: ["nodes"], verbs: ["get", "delete"] };
  const profile = aPolicyProfile({
    spec: {
      ceiling: true,
      maxRules: [VIRTUAL_MACHINES, { ...VIRTUAL_MACHINES, verbs: ["delete"] }],
      maxClusterRules: [NODES, more],
    },
  });
  await bench.client.create(POLICY_PROFILES, profile);
  return { [Symbol.asyncDispose]: () => bench.client.delete(POLICY_PROFILES, profile.metadata.name) };
}

test("rules within the ceiling are granted here and nowhere else; the cluster-wide ones carry the workspace's name", async (t) => {
  const bench = await workspaceBench(t, GRANTABLE);
  await using _ceiling = await withCeiling(bench);
  await bench.start();
  const { metadata } = await ready(
    bench,
    await bench.workspace({
      role: "none",
      namespaces: [{ name: "vm", role: "none", rules: [VIRTUAL_MACHINES] }],
      clusterRules: [NODES],
    }),
  );
  const { name, uid } = metadata;
  const asked = [
    "get virtualmachines.kubevirt.io",
    "delete virtualmachines.kubevirt.io",
    "get nodes:one",
    "get nodes:two",
  ];
  await eventually(async () =>
    assert.deepEqual(await allowed(bench.client, name, asked, `${name}-vm`), [asked[0], asked[2]]),
  );
  assert.deepEqual(await allowed(bench.client, name, asked, name), [asked[2]]);
  assert.deepEqual(await allowed(bench.client, name, asked), [asked[2]]);
  for (const kind of [CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS]) {
    const object = await bench.client.get<KubeObject>(kind, `carrel-${name}`);
    assert.equal(object.metadata.labels?.["carrel.dev/workspace-uid"], uid);
    assert.deepEqual(
      object.metadata.ownerReferences?.map((owner) => owner.uid),
      [uid],
    );
  }
});

test("rules above the ceiling are refused before anything is made", async (t) => {
  const bench = await workspaceBench(t, GRANTABLE);
  await bench.start();
  const { metadata } = await bench.workspace({ rules: [VIRTUAL_MACHINES] });
  const { status } = await bench.seen(metadata.name, (seen) => assert.ok(seen.status?.conditions?.[0]));
  const [condition] = status?.conditions ?? [];
  assert.deepEqual([condition?.status, condition?.reason], ["False", "ObjectRefused"]);
  assert.match(condition?.message ?? "", /spec\.rules\[0\].*virtualmachines/);
  assert.deepEqual(status?.namespaces, []);
});

test("what the ceiling allows and the operator has not given the provisioner, the API server itself refuses", async (t) => {
  const bench = await workspaceBench(t, GRANTABLE);
  await using _ceiling = await withCeiling(bench);
  await bench.start();
  for (const spec of [
    { rules: [{ ...VIRTUAL_MACHINES, verbs: ["delete"] }] },
    { clusterRules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["delete"] }] },
  ]) {
    const { metadata } = await bench.workspace(spec);
    const { status } = await bench.seen(metadata.name, (seen) => assert.ok(seen.status?.conditions?.[0]));
    assert.equal(status?.conditions?.[0]?.reason, "ObjectRefused");
    assert.match(status?.conditions?.[0]?.message ?? "", /attempting to grant RBAC permissions not currently held/);
    await assert.rejects(bench.client.get(CLUSTER_ROLES, `carrel-${metadata.name}`), isNotFound);
  }
});
