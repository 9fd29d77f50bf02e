import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { aDeployment, aPod, aPodSpec, type TestObject } from "./testing/a-pod.ts";
import { core, denied, MANAGED, named, pathOf } from "./testing/api-objects.ts";
import type { ApiAnswer } from "./testing/caller.ts";
import { startWebhookEnvironment, type TestWorkspace, type WebhookEnvironment } from "./testing/webhook-environment.ts";

suite("what a learner may create, behind a real API server", { timeout: 240_000 }, () => {
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

  test("a learner creates ordinary things", async () => {
    for (const object of [
      aPod(),
      aDeployment(),
      core("ConfigMap", { data: { a: "b" } }),
      core("Secret", { stringData: { a: "b" } }),
      core("Service", { spec: { ports: [{ port: 80 }], selector: { app: "x" } } }),
      core("PersistentVolumeClaim", {
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
      }),
      { apiVersion: "batch/v1", kind: "Job", spec: { template: { spec: aPodSpec({ restartPolicy: "Never" }) } } },
    ]) {
      const answer = await create(object);
      assert.equal(answer.status, 201, `${object.kind}: ${answer.message}`);
    }
  });

  const POLICY = "policy restricted:latest";
  const refused: readonly (readonly [string, TestObject, string, string | RegExp])[] = [
    [
      "a privileged pod",
      aPod({}, { securityContext: { privileged: true, allowPrivilegeEscalation: true } }),
      "pods",
      `[pod-security/privileged] spec.containers[0].securityContext.privileged: must not be true; ${POLICY}. [pod-security/allowPrivilegeEscalation] spec.containers[0].securityContext.allowPrivilegeEscalation: must be false; ${POLICY}`,
    ],
    [
      "a pod on the host network",
      aPod({ hostNetwork: true }),
      "pods",
      /^\[pod-security\/hostNamespaces\] spec\.hostNetwork: must not be true/,
    ],
    [
      "a pod with a host path",
      aPod({ volumes: [{ name: "h", hostPath: { path: "/" } }] }),
      "pods",
      /^\[pod-security\/restrictedVolumes\] spec\.volumes\[0\]\.hostPath: must be one of .*, not hostPath/,
    ],
    [
      "a bad Deployment, at the Deployment",
      aDeployment({ hostPID: true }),
      "workloads",
      `[pod-security/hostNamespaces] spec.template.spec.hostPID: must not be true; ${POLICY}`,
    ],
    [
      "a bad CronJob, at the CronJob",
      {
        apiVersion: "batch/v1",
        kind: "CronJob",
        spec: {
          schedule: "* * * * *",
          jobTemplate: { spec: { template: { spec: aPodSpec({ hostIPC: true, restartPolicy: "Never" }) } } },
        },
      },
      "workloads",
      `[pod-security/hostNamespaces] spec.jobTemplate.spec.template.spec.hostIPC: must not be true; ${POLICY}`,
    ],
    [
      "a pod on a node of choice",
      aPod({ nodeName: "n1" }),
      "pods",
      "[node-name] spec.nodeName: must not be set, is n1",
    ],
    [
      "a pod with every toleration",
      aPod({ tolerations: [{ operator: "Exists" }] }),
      "pods",
      /^\[tolerations\] spec\.tolerations\[0\]\.key: must not be empty/,
    ],
    [
      "a Deployment with the desk's priority",
      aDeployment({ priorityClassName: "carrel-desk" }),
      "workloads",
      "[priority-class] spec.template.spec.priorityClassName: must not be carrel-desk",
    ],
    [
      "a Deployment with a system priority",
      aDeployment({ priorityClassName: "system-node-critical" }),
      "workloads",
      "[priority-class] spec.template.spec.priorityClassName: must not be system-node-critical",
    ],
    [
      "a Deployment with a runtime of choice",
      aDeployment({ runtimeClassName: "raw" }),
      "workloads",
      "[runtime-class] spec.template.spec.runtimeClassName: must not be set, is raw",
    ],
    [
      "a Deployment with a scheduler of choice",
      aDeployment({ schedulerName: "mine" }),
      "workloads",
      "[scheduler-name] spec.template.spec.schedulerName: must be default-scheduler, is mine",
    ],
    [
      "a Deployment as another account",
      aDeployment({ serviceAccountName: "admin" }),
      "workloads",
      /^\[service-account-name\] spec\.template\.spec\.serviceAccountName: must be one of learner, default, is admin/,
    ],
    [
      "a Deployment with Carrel's labels",
      aDeployment({}, {}, MANAGED),
      "workloads",
      /^\[template-keys\] spec\.template\.metadata\.labels\[app\.kubernetes\.io\/managed-by\]: must not be set/,
    ],
    [
      "a pod with Carrel's labels",
      aPod({}, {}, { labels: MANAGED }),
      "pods",
      /^\[managed-objects\] metadata\.labels\[app\.kubernetes\.io\/managed-by\]: must not be set/,
    ],
    [
      "a ConfigMap with Carrel's annotation",
      core("ConfigMap", { metadata: { annotations: { "carrel.dev/x": "1" } } }),
      "objects",
      /^\[managed-objects\] metadata\.annotations\[carrel\.dev\/x\]/,
    ],
    [
      "a ConfigMap that never goes",
      core("ConfigMap", { metadata: { finalizers: ["example.com/never"] } }),
      "objects",
      /^\[finalizers\]/,
    ],
    [
      "a NodePort Service",
      core("Service", { spec: { type: "NodePort", ports: [{ port: 80 }] } }),
      "objects",
      /^\[service\] spec\.type: must be ClusterIP, is NodePort\. \[service\] spec\.ports\[0\]\.nodePort: must not be 3\d{4}$/,
    ],
    [
      "a LoadBalancer Service",
      core("Service", { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } }),
      "objects",
      /^\[service\] spec\.type: must be ClusterIP, is LoadBalancer/,
    ],
    [
      "an ExternalName Service",
      core("Service", { spec: { type: "ExternalName", externalName: "a.example" } }),
      "objects",
      /^\[service\] spec\.type: must be ClusterIP, is ExternalName/,
    ],
    [
      "a Service with external IPs",
      core("Service", { spec: { ports: [{ port: 80 }], externalIPs: ["192.0.2.1"] } }),
      "objects",
      "[service] spec.externalIPs: must not be set, is 192.0.2.1",
    ],
    [
      "a token Secret",
      core("Secret", {
        type: "kubernetes.io/service-account-token",
        metadata: { annotations: { "kubernetes.io/service-account.name": "learner" } },
      }),
      "objects",
      /^\[secret\] type: must not be/,
    ],
    [
      "a claim on an existing volume",
      core("PersistentVolumeClaim", {
        spec: { volumeName: "pv1", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
      }),
      "objects",
      "[volume-claim] spec.volumeName: must not be set, is pv1",
    ],
    [
      "a DaemonSet",
      {
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        spec: {
          selector: { matchLabels: { app: "x" } },
          template: { metadata: { labels: { app: "x" } }, spec: aPodSpec() },
        },
      },
      "workloads",
      /^\[kinds\] kind: must not be DaemonSet\.apps; allowed are Pod, ConfigMap, /,
    ],
    [
      "an Ingress",
      { apiVersion: "networking.k8s.io/v1", kind: "Ingress", spec: { rules: [{ host: "a.example" }] } },
      "objects",
      /^\[kinds\] kind: must not be Ingress\.networking\.k8s\.io; /,
    ],
    [
      "a NetworkPolicy",
      { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", spec: { podSelector: {} } },
      "objects",
      /^\[kinds\] kind: must not be NetworkPolicy/,
    ],
    [
      "a PodDisruptionBudget",
      { apiVersion: "policy/v1", kind: "PodDisruptionBudget", spec: { maxUnavailable: 0 } },
      "objects",
      /^\[kinds\] kind: must not be PodDisruptionBudget/,
    ],
    ["Endpoints", core("Endpoints", {}), "objects", /^\[kinds\] kind: must not be Endpoints/],
    [
      "a ResourceQuota",
      core("ResourceQuota", { spec: { hard: { pods: "100" } } }),
      "objects",
      /^\[kinds\] kind: must not be ResourceQuota/,
    ],
    [
      "a RoleBinding",
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
        subjects: [],
      },
      "objects",
      /^\[kinds\] kind: must not be RoleBinding/,
    ],
  ];
  for (const [name, object, hook, text] of refused) {
    test(`a learner does not create ${name}`, async () => {
      denied(await create(object), `${hook}.admission.carrel.dev`, text);
    });
  }
});
