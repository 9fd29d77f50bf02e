import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { aSession, eventually } from "@carrel/testkit";
import { aDeployment, aPod, type TestObject } from "./testing/a-pod.ts";
import { core, denied, MANAGED, named, pathOf } from "./testing/api-objects.ts";
import type { ApiAnswer } from "./testing/caller.ts";
import { startWebhookEnvironment, type TestWorkspace, type WebhookEnvironment } from "./testing/webhook-environment.ts";

const POLICY = "policy restricted:latest";

suite("the webhook behind a real API server", { timeout: 240_000 }, () => {
  let environment: WebhookEnvironment;
  let home: TestWorkspace;
  before(async () => {
    environment = await startWebhookEnvironment();
    home = await environment.createWorkspace();
  });
  after(async () => {
    await environment[Symbol.asyncDispose]();
  });

  const create = async (object: TestObject, at = home): Promise<ApiAnswer> =>
    await at.learner.create(pathOf(object, at.namespace), named(object));

  test("a plain deployment just works: its defaults are added and its pods come", async () => {
    const { learner, namespace } = home;
    const deployment = named({
      apiVersion: "apps/v1",
      kind: "Deployment",
      spec: {
        selector: { matchLabels: { app: "plain" } },
        template: { metadata: { labels: { app: "plain" } }, spec: { containers: [{ name: "nginx", image: "nginx" }] } },
      },
    });
    const made = await learner.create(pathOf(deployment, namespace), deployment);
    assert.equal(made.status, 201, made.message);
    const { items } = await eventually(async () => {
      const found = await learner.ask("GET", `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3Dplain`);
      const list = found.body as {
        items: readonly { spec: { securityContext: object; containers: readonly object[] } }[];
      };
      assert.equal(list.items.length, 1);
      return list;
    });
    assert.deepEqual(items[0]?.spec.securityContext, {
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual((items[0].spec.containers[0] as { securityContext: object }).securityContext, {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    // A change that leaves the template alone must not roll it out anew.
    const scaled = await learner.patch(`${pathOf(deployment, namespace)}/${deployment.metadata.name}`, {
      spec: { replicas: 2 },
    });
    assert.equal(scaled.status, 200, scaled.message);
    assert.equal((scaled.body as { metadata: { generation: number } }).metadata.generation, 2);
  });

  test("the profile of the template chooses standard and kinds", async () => {
    await environment.createProfile("lax", {
      podSecurity: { level: "baseline", version: "latest" },
      kinds: [
        { group: "", kinds: ["Pod"] },
        { group: "policy", kinds: ["PodDisruptionBudget"] },
      ],
    });
    const lax = await environment.createWorkspace("lax");
    const root = core("Pod", { spec: { containers: [{ name: "a", image: "a", securityContext: { runAsUser: 0 } }] } });
    assert.equal((await create(root, lax)).status, 201);
    denied(await create(root), "pods.admission.carrel.dev", /^\[pod-security\/runAsUser\]/);
    const budget = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", spec: { maxUnavailable: 1 } };
    assert.equal((await create(budget, lax)).status, 201);
    denied(
      await create(core("ConfigMap", {}), lax),
      "objects.admission.carrel.dev",
      "[kinds] kind: must not be ConfigMap; allowed are Pod, PodDisruptionBudget.policy",
    );
    const missing = await environment.createWorkspace("nowhere");
    denied(await create(aPod(), missing), "pods.admission.carrel.dev", /PolicyProfile nowhere does not exist/);
  });

  test("what is Carrel's is not a learner's to change or delete", async () => {
    const { learner, namespace } = home;
    const pods = pathOf(aPod(), namespace);
    const desk = named(aPod({ serviceAccountName: "learner" }, {}, { labels: MANAGED }), "desk");
    assert.equal((await environment.provisioner.create(pods, desk)).status, 201);
    denied(
      await learner.delete(`${pods}/desk`),
      "pods.admission.carrel.dev",
      "[managed-objects] metadata: Pod desk belongs to Carrel and must not be deleted",
    );
    denied(
      await learner.patch(`${pods}/desk`, { metadata: { labels: { a: "b" } } }),
      "pods.admission.carrel.dev",
      /must not be changed/,
    );
    denied(
      await learner.create(`${pods}/desk/eviction`, {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name: "desk" },
      }),
      "connect.admission.carrel.dev",
      /must not be evicted/,
    );
    const debug = { spec: { ephemeralContainers: [{ name: "d", image: "d", targetContainerName: "main" }] } };
    denied(
      await learner.ask("PATCH", `${pods}/desk/ephemeralcontainers`, debug, "application/strategic-merge-patch+json"),
      "pods.admission.carrel.dev",
      /must not be changed/,
    );
    const mine = named(aPod());
    await learner.create(pods, mine);
    denied(await learner.delete(pods), "pods.admission.carrel.dev", /Pod desk belongs to Carrel/);
    assert.equal((await learner.ask("GET", `${pods}/desk`)).status, 200);
    const binding = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/learner`;
    denied(await learner.delete(binding), "objects.admission.carrel.dev", /RoleBinding learner belongs to Carrel/);
    const operator = await environment.admin.patch(`${pods}/desk`, { metadata: { labels: { a: "b" } } });
    assert.equal(operator.status, 200, operator.message);
    assert.match(operator.warnings[0] ?? "", /^\[managed-objects\].*allowed for an operator$/);
  });

  test("the ReplicaSet controller adopts a learner's pod, and not the desk", async () => {
    const { learner, namespace } = await environment.createWorkspace();
    const pods = pathOf(aPod(), namespace);
    await environment.provisioner.create(pods, named(aPod({}, {}, { labels: MANAGED }), "desk"));
    await learner.create(pods, named(aPod(), "mine"));
    const name = "system:serviceaccount:kube-system:replicaset-controller";
    const replicaSets = await environment.as(name, ["system:serviceaccounts:kube-system"]);
    const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "x", uid: "u", controller: true };
    const adopt = { metadata: { ownerReferences: [owner] } };
    denied(
      await replicaSets.patch(`${pods}/desk`, adopt),
      "pods.admission.carrel.dev",
      "[adoption] metadata.ownerReferences: what belongs to Carrel must get no other controller",
    );
    const mine = await replicaSets.patch(`${pods}/mine`, adopt);
    assert.equal(mine.status, 200, mine.message);
  });

  test("subresources: exec passes admission, proxies and bindings do not; the scheduler binds", async () => {
    const { learner, namespace } = home;
    const pods = pathOf(aPod(), namespace);
    const pod = named(aPod());
    await learner.create(pods, pod);
    const at = `${pods}/${pod.metadata.name}`;
    const exec = await learner.create(`${at}/exec?command=id&container=main`, undefined);
    assert.match(exec.message, /does not have a host assigned/);
    denied(
      await learner.create(`${at}/proxy/`, undefined),
      "connect.admission.carrel.dev",
      /^\[subresources\] subresource: must not be pods\/proxy; allowed are pods\/exec, /,
    );
    const binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: pod.metadata.name },
      target: { kind: "Node", name: "n1" },
    };
    denied(
      await learner.create(`${at}/binding`, binding),
      "connect.admission.carrel.dev",
      /^\[subresources\] subresource: must not be pods\/binding/,
    );
    denied(
      await learner.patch(`${at}/status`, { status: { phase: "Succeeded" } }),
      "objects.admission.carrel.dev",
      /^\[subresources\] subresource: must not be pods\/status/,
    );
    const scheduler = await environment.as("system:kube-scheduler");
    const bound = await scheduler.create(`${at}/binding`, binding);
    assert.equal(bound.status, 201, bound.message);
    const relabelled = await learner.patch(at, { metadata: { labels: { a: "b" } } });
    assert.equal(relabelled.status, 200, relabelled.message);
    const token = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 7200 } };
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    denied(
      await learner.create(`${accounts}/learner/token`, token),
      "connect.admission.carrel.dev",
      /^\[token-request\] spec\.expirationSeconds/,
    );
    denied(
      await learner.create(`${accounts}/learner/token`, { ...token, spec: { audiences: ["vault"] } }),
      "connect.admission.carrel.dev",
      /^\[token-request\] spec\.audiences: must not include "vault"/,
    );
    const own = await learner.create(`${accounts}/learner/token`, { ...token, spec: {} });
    assert.equal(own.status, 201, own.message);
  });

  test("an update is refused for what is new only", async () => {
    await environment.createProfile("tightened", { podSecurity: { level: "privileged", version: "latest" } });
    const { learner, namespace } = await environment.createWorkspace("tightened");
    const old = named(aDeployment({ hostPID: true }));
    const at = `${pathOf(old, namespace)}/${old.metadata.name}`;
    assert.equal((await learner.create(pathOf(old, namespace), old)).status, 201);
    const tighter = { spec: { podSecurity: { level: "restricted" } } };
    await environment.admin.patch("/apis/carrel.dev/v1alpha1/policyprofiles/tightened", tighter);
    await eventually(async () =>
      denied(
        await learner.create(`${pathOf(old, namespace)}?dryRun=All`, named(old)),
        "workloads.admission.carrel.dev",
        /hostPID/,
      ),
    );
    const harmless = await learner.patch(at, { spec: { replicas: 0 } });
    assert.equal(harmless.status, 200, harmless.message);
    assert.match(harmless.warnings.join(), /hostPID: must not be true; policy restricted:latest; it was so before/);
    denied(
      await learner.patch(at, { spec: { template: { spec: { hostIPC: true } } } }),
      "workloads.admission.carrel.dev",
      `[pod-security/hostNamespaces] spec.template.spec.hostIPC: must not be true; ${POLICY}`,
    );
  });

  test("the namespace is no learner's, and keeps its labels", async () => {
    const { learner, namespace } = await environment.createWorkspace();
    const at = `/api/v1/namespaces/${namespace}`;
    denied(
      await learner.delete(at),
      "namespaces.admission.carrel.dev",
      /^\[namespace-writers\] userInfo\.username: .* must not delete this namespace; allowed are reaper, /,
    );
    denied(
      await learner.patch(at, { metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } } }),
      "namespaces.admission.carrel.dev",
      /must not update this namespace/,
    );
    denied(
      await learner.patch(at, { metadata: { labels: { "carrel.dev/workspace": null } } }),
      "namespaces.admission.carrel.dev",
      /must not update this namespace/,
    );
    denied(
      await environment.admin.patch(at, { metadata: { labels: { "carrel.dev/workspace": null } } }),
      "namespaces.admission.carrel.dev",
      /^\[namespace-labels\]/,
    );
    denied(
      await environment.admin.patch(at, { metadata: { labels: { "carrel.dev/workspace": "other" } } }),
      "namespaces.admission.carrel.dev",
      /^\[namespace-labels\]/,
    );
    denied(
      await environment.provisioner.delete(at),
      "namespaces.admission.carrel.dev",
      /must not delete this namespace/,
    );
  });

  test("sessions and workspaces go along their arrows only", async () => {
    const sessions = "/apis/carrel.dev/v1alpha1/sessions";
    const session = aSession();
    const at = `${sessions}/${session.metadata.name}/status`;
    assert.equal((await environment.provisioner.create(sessions, session)).status, 201);
    for (const phase of ["Queued", "Provisioning", "Ready", "Ending"]) {
      const answer = await environment.provisioner.patch(at, { status: { phase } });
      assert.equal(answer.status, 200, answer.message);
    }
    denied(
      await environment.provisioner.patch(at, { status: { phase: "Ready" } }),
      "records.admission.carrel.dev",
      "[phases] status.phase: must not go from Ending to Ready; allowed are Ended",
    );
    const stranger = await environment.as("somebody");
    denied(
      await stranger.patch(at, { status: { phase: "Ended" } }),
      "records.admission.carrel.dev",
      /^\[carrel-writers\] userInfo\.username: somebody must not update sessions\/status/,
    );
    assert.equal((await environment.reaper.patch(at, { status: { phase: "Ended" } })).status, 200);
  });

  test("a workspace that is over gets nothing new, and its namespace goes, with all that is in it", async () => {
    const { learner, namespace } = await environment.createWorkspace();
    const pods = pathOf(aPod(), namespace);
    await environment.provisioner.create(pods, named(aPod({}, {}, { labels: MANAGED }), "desk"));
    await learner.create(pathOf(aDeployment(), namespace), named(aDeployment()));
    const terminate = { spec: { terminate: { reason: "Expired", at: "2026-01-01T00:00:00Z" } } };
    const workspaces = "/apis/carrel.dev/v1alpha1/workspaces";
    assert.equal((await environment.reaper.patch(`${workspaces}/${namespace}`, terminate)).status, 200);
    await eventually(async () =>
      denied(
        await learner.create(pods, named(aPod())),
        "pods.admission.carrel.dev",
        `[workspace-active] metadata.namespace: the workspace ${namespace} has ended; only deleting is allowed`,
      ),
    );
    denied(
      await learner.create(`${pods}/desk/exec?command=id`, undefined),
      "connect.admission.carrel.dev",
      /^\[workspace-active\]/,
    );
    assert.equal((await environment.reaper.delete(`/api/v1/namespaces/${namespace}`)).status, 200);
    await eventually(
      async () => assert.equal((await environment.admin.ask("GET", `/api/v1/namespaces/${namespace}`)).status, 404),
      { timeoutMs: 60_000 },
    );
  });

  test("what a template brings along is asked about, what Carrel builds is not", async () => {
    const { namespace } = await environment.createWorkspace();
    const services = `/api/v1/namespaces/${namespace}/services`;
    const service = (name: string, labels: Record<string, string>): object => ({
      metadata: { name, labels: { ...MANAGED, ...labels } },
      spec: { type: "NodePort", ports: [{ port: 80 }] },
    });
    const refused = await environment.provisioner.create(services, service("a", { "carrel.dev/object": "a" }));
    assert.equal(refused.status, 403);
    assert.match(refused.message, /\[service\] spec\.type/);
    assert.equal((await environment.provisioner.create(services, service("b", {}))).status, 201);
  });

  test("without the webhook workspaces get nothing new, others are unaffected, and what is over still goes", async () => {
    const doomed = await environment.createWorkspace();
    await doomed.learner.create(pathOf(aDeployment(), doomed.namespace), named(aDeployment()));
    await environment.provisioner.create(
      pathOf(aPod(), doomed.namespace),
      named(aPod({}, {}, { labels: MANAGED }), "desk"),
    );
    await environment.stopWebhook();
    try {
      const answer = await create(aPod());
      assert.equal(answer.status, 500);
      assert.match(answer.message, /failed calling webhook "pods\.admission\.carrel\.dev".*connection refused/);
      assert.equal((await create(core("ConfigMap", {}))).status, 500);
      const elsewhere = await environment.admin.create("/api/v1/namespaces/default/pods", named(aPod()));
      assert.equal(elsewhere.status, 201, elsewhere.message);
      assert.equal(
        (await environment.admin.create("/api/v1/namespaces", { metadata: { name: "elsewhere" } })).status,
        201,
      );

      const session = aSession();
      const sessions = "/apis/carrel.dev/v1alpha1/sessions";
      assert.equal((await environment.provisioner.create(sessions, session)).status, 201);
      const ending = await environment.reaper.patch(`${sessions}/${session.metadata.name}/status`, {
        status: { phase: "Ending" },
      });
      assert.equal(ending.status, 200, ending.message);
      assert.equal((await environment.reaper.delete(`/api/v1/namespaces/${doomed.namespace}`)).status, 200);
      await eventually(
        async () =>
          assert.equal((await environment.admin.ask("GET", `/api/v1/namespaces/${doomed.namespace}`)).status, 404),
        { timeoutMs: 60_000 },
      );
    } finally {
      await environment.startWebhook();
    }
    assert.equal((await create(aPod())).status, 201);
  });
});
