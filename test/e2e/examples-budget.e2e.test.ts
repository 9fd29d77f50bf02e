import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PODS, resource, RESOURCE_QUOTAS, type KubeObject, type Resource } from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { Examples, type Started } from "./support/examples.ts";

/**
 * What a session of the budget `small` may hold: as many of each as the table says, and not one more. The administrator
 * creates them, whom neither roles nor Carrel's webhook keep from it: what refuses is the quota alone.
 */
let examples: Examples;
let started: Started;
let neighbour: Started;

before(async () => {
  examples = await Examples.install();
  started = await examples.start("terminal", "bea");
  neighbour = await examples.start("terminal", "bob");
});
after(() => examples[Symbol.asyncDispose]());

type Manifest = KubeObject & Readonly<Record<string, unknown>>;
type Body = Readonly<Record<string, unknown>>;
const kind = (apiVersion: string, name: string, plural: string): Resource<Manifest> =>
  resource<Manifest>(apiVersion, name, plural);

/** A pod for no node: it counts all the same, and costs nothing. */
const pod = (resources: object = {}, more: object = {}): Body => ({
  nodeSelector: { none: "such" },
  containers: [{ name: "c", image: "x", resources }],
  ...more,
});
const labels = { app: "x" };
const workload = (more: object = {}): Body => ({
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod() }, ...more },
});
const job = { template: { spec: pod({}, { restartPolicy: "Never" }) }, suspend: true };
const scaled = { apiVersion: "apps/v1", kind: "Deployment", name: "none" };
const role = { kind: "Role", name: "none", apiGroup: "rbac.authorization.k8s.io" };

/** Next to nothing of all but the resource at hand. */
const least: Readonly<Record<string, string>> = { cpu: "1m", memory: "1M", "ephemeral-storage": "1Mi" };

/** Key, how many, of what. ReplicaSets before what makes some. */
const counts: readonly (readonly [string, number, Resource<Manifest>, Body])[] = [
  ["configmaps", 20, kind("v1", "ConfigMap", "configmaps"), {}],
  ["secrets", 20, kind("v1", "Secret", "secrets"), {}],
  ["services", 5, kind("v1", "Service", "services"), { spec: { ports: [{ port: 80 }] } }],
  [
    "persistentvolumeclaims",
    3,
    kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    { spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage: "1Gi" } } } },
  ],
  ["count/serviceaccounts", 5, kind("v1", "ServiceAccount", "serviceaccounts"), {}],
  [
    "replicationcontrollers",
    10,
    kind("v1", "ReplicationController", "replicationcontrollers"),
    { spec: { replicas: 0, selector: labels, template: { metadata: { labels }, spec: pod() } } },
  ],
  ["count/replicasets.apps", 60, kind("apps/v1", "ReplicaSet", "replicasets"), workload({ replicas: 0 })],
  ["count/deployments.apps", 20, kind("apps/v1", "Deployment", "deployments"), workload({ replicas: 0 })],
  [
    "count/statefulsets.apps",
    20,
    kind("apps/v1", "StatefulSet", "statefulsets"),
    workload({ replicas: 0, serviceName: "x" }),
  ],
  ["count/daemonsets.apps", 20, kind("apps/v1", "DaemonSet", "daemonsets"), workload()],
  ["count/jobs.batch", 20, kind("batch/v1", "Job", "jobs"), { spec: job }],
  [
    "count/cronjobs.batch",
    20,
    kind("batch/v1", "CronJob", "cronjobs"),
    { spec: { schedule: "0 0 1 1 *", suspend: true, jobTemplate: { spec: job } } },
  ],
  [
    "count/horizontalpodautoscalers.autoscaling",
    20,
    kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    { spec: { scaleTargetRef: scaled, maxReplicas: 2 } },
  ],
  [
    "count/ingresses.networking.k8s.io",
    5,
    kind("networking.k8s.io/v1", "Ingress", "ingresses"),
    { spec: { defaultBackend: { service: { name: "none", port: { number: 80 } } } } },
  ],
  [
    "count/roles.rbac.authorization.k8s.io",
    5,
    kind("rbac.authorization.k8s.io/v1", "Role", "roles"),
    { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
  ],
  [
    "count/rolebindings.rbac.authorization.k8s.io",
    5,
    kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
    { roleRef: role, subjects: [] },
  ],
  ["pods", 20, kind("v1", "Pod", "pods"), { spec: pod({ requests: least, limits: least }) }],
];

/** Creates one. @returns the refusal, if there was one. */
async function create(of: Resource<Manifest>, name: string, body: Body): Promise<string | undefined> {
  const { client } = examples.carrel;
  const manifest = { metadata: { name, labels: { lesson: "budget" } }, ...body } as Manifest;
  return await client.create(of, manifest, { namespace: started.namespace }).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

async function clear(of: Resource<Manifest>): Promise<void> {
  const { client } = examples.carrel;
  const { namespace } = started;
  const labelSelector = "lesson=budget";
  await client.deleteCollection(of, { namespace, labelSelector, gracePeriodSeconds: 0 });
  await eventually(async () => assert.deepEqual((await client.list(of, { namespace, labelSelector })).items, []), {
    timeoutMs: 60_000,
    everyMs: 200,
  });
}

/** What the quotas count of a key now. */
async function used(key: string): Promise<string | undefined> {
  const { items } = await examples.carrel.client.list(RESOURCE_QUOTAS, { namespace: started.namespace });
  const quota = items.find(({ metadata, status }) => metadata.name !== "desk" && status?.used?.[key] !== undefined);
  return quota?.status?.used?.[key];
}

/**
 * Kubernetes counts again what was deleted, from caches: whoever creates meanwhile may find room for one too many. So the
 * count is waited for before the next key has its turn.
 */
async function counted(key: string, as: string | undefined): Promise<void> {
  await eventually(async () => assert.equal(await used(key), as), { timeoutMs: 60_000, everyMs: 200 });
}

/** Creates until it is refused. */
async function fill(of: Resource<Manifest>, body: Body, most: number): Promise<{ made: number; refusal: string }> {
  for (let made = 0; made <= most; made++) {
    const refusal = await create(of, `x${made}`, body);
    if (refusal !== undefined) return { made, refusal };
  }
  return { made: most + 1, refusal: "none" };
}

for (const [key, allowed, of, body] of counts) {
  test(`${key}: ${allowed}, and the next is refused`, async (t) => {
    const before = await used(key);
    t.after(async () => {
      await clear(of);
      await counted(key, before);
    });
    const { made, refusal } = await fill(of, body, allowed);
    assert.equal(made, allowed, refusal);
    assert.match(refusal, new RegExp(`exceeded quota: .*limited: .*${key.replaceAll(".", "\\.")}`));
    // Three claims of the least size are also all the storage that there is.
    if (key === "persistentvolumeclaims") assert.match(refusal, /limited: .*requests\.storage/);
  });
}

test("count/pods: 40, those that have finished included", async (t) => {
  const { client } = examples.carrel;
  const { namespace } = started;
  const body = { spec: pod({ requests: least, limits: least }) };
  t.after(() => clear(podsOf));
  for (let index = 0; index < 30; index++) {
    assert.equal(await create(podsOf, `done${index}`, body), undefined);
    const status = { phase: "Succeeded" };
    await client.mergePatch(PODS, `done${index}`, { status }, { namespace, subresource: "status" });
    // No more than may run at once.
    if (index % 15 === 14) await counted("pods", "0");
  }
  const { made, refusal } = await fill(podsOf, body, 10);
  assert.equal(made, 10, refusal);
  assert.match(refusal, /limited: .*count\/pods/);
});

/** Keys that add up, the whole of each, and what is one unit too much. */
const amounts: readonly (readonly [string, string, string])[] = [
  ["cpu", "1", "1m"],
  ["memory", "1Gi", "1M"],
  ["ephemeral-storage", "5Gi", "1Mi"],
];
const podsOf = kind("v1", "Pod", "pods");
const podOf = (resourceName: string, amount: string, more: object = {}): Body => {
  const asked = { ...least, [resourceName]: amount };
  return { spec: pod({ requests: asked, limits: asked }, more) };
};
for (const [name, whole, unit] of amounts) {
  test(`${name}: ${whole} in one pod, and a pod of ${unit} more is refused, with a deadline too`, async (t) => {
    t.after(() => clear(podsOf));
    await counted("pods", "0");
    assert.equal(await create(podsOf, "whole", podOf(name, whole)), undefined);
    const limited = new RegExp(`exceeded quota: .*limited: .*limits\\.${name}`);
    assert.match(String(await create(podsOf, "more", podOf(name, unit))), limited);
    const timed = podOf(name, unit, { activeDeadlineSeconds: 60, restartPolicy: "Never" });
    assert.match(
      String(await create(podsOf, "timed", timed)),
      limited,
      "a pod with a deadline has no budget of its own",
    );
  });
}

const none: readonly (readonly [string, Resource<Manifest>, Body])[] = [
  [
    "services.loadbalancers",
    kind("v1", "Service", "services"),
    { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } },
  ],
  ["services.nodeports", kind("v1", "Service", "services"), { spec: { type: "NodePort", ports: [{ port: 80 }] } }],
  ...["nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe"].map(
    (gpu) => [`requests.${gpu}`, podsOf, podOf(gpu, "1")] as const,
  ),
];
for (const [key, of, body] of none) {
  test(`${key}: none`, async () => {
    const refusal = String(await create(of, "x", body));
    assert.match(refusal, new RegExp(`exceeded quota: .*limited: .*${key.replaceAll(".", "\\.")}`));
  });
}

test("a budget that is used up starves neither the learner's own desk nor anybody else", async () => {
  const { client } = examples.carrel;
  const { namespace } = started;
  await counted("pods", "0");
  const all = { cpu: "1", memory: "1Gi" };
  assert.equal(await create(podsOf, "all", { spec: pod({ requests: all, limits: all }) }), undefined);
  const own = await neighbour.desk.run(
    'kubectl run mine --image=x --overrides=\'{"spec":{"nodeSelector":{"none":"such"}}}\'',
  );
  assert.equal(own.code, 0, own.output);
  const before = await client.get(PODS, "desk", { namespace });
  await client.delete(PODS, "desk", { namespace, gracePeriodSeconds: 1 });
  await eventually(
    async () => {
      const desk = await client.get(PODS, "desk", { namespace });
      assert.notEqual(desk.metadata.uid, before.metadata.uid);
      assert.ok(desk.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"));
    },
    { timeoutMs: 60_000, everyMs: 250 },
  );
  await examples.end(started);
  await examples.end(neighbour);
});
