import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { policyProfileSpecSchema } from "@carrel/api";
import type { AdmissionRequest } from "../review/admission-request.ts";
import { aDeployment, aPod, type TestObject } from "../testing/a-pod.ts";
import { aRequest, carrel, controller, LEARNER, OPERATOR } from "../testing/a-request.ts";
import { decide } from "./decide.ts";
import type { Facts } from "./facts.ts";
import { wordRefusals } from "./wording.ts";

const SETTINGS = {
  carrelNamespace: "carrel-system",
  operatorGroups: ["system:masters"],
  trustedUsers: [],
  tokenAudiences: ["https://kubernetes.default.svc"],
};
const ACTIVE: Facts = { workspace: { state: "active", name: "w1", profileName: "default" } };
const ENDED: Facts = { workspace: { state: "ended", name: "w1", profileName: "default" } };
const UNKNOWN: Facts = { workspace: { state: "unknown" } };
const MANAGED = { labels: { "app.kubernetes.io/managed-by": "carrel", "carrel.dev/workspace-uid": "u" } };

/** The refusals as text; "" when allowed. */
function verdict(request: AdmissionRequest, facts: Facts = ACTIVE): string {
  const decision = decide(request, facts, SETTINGS);
  return decision.allowed ? "" : wordRefusals(decision.refusals);
}

function core(kind: string, fields: object = {}): TestObject {
  return { apiVersion: "v1", kind, metadata: { name: "x" }, ...fields };
}

function update(before: TestObject, after: TestObject, rest: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return aRequest(after, { operation: "UPDATE", oldObject: before, ...rest });
}

function remove(before: TestObject, rest: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return aRequest(before, { operation: "DELETE", object: undefined, oldObject: before, ...rest });
}

suite("what a learner may create", () => {
  const allowed: Readonly<Record<string, TestObject>> = {
    "a restricted pod": aPod(),
    "a Deployment of restricted pods": aDeployment(),
    "a ConfigMap": core("ConfigMap", { data: { a: "b" } }),
    "a Secret": core("Secret", { type: "Opaque" }),
    "a ClusterIP Service": core("Service", { spec: { type: "ClusterIP", ports: [{ port: 80 }] } }),
    "a headless Service": core("Service", { spec: { clusterIP: "None" } }),
    "a claim": core("PersistentVolumeClaim", { spec: { storageClassName: "fast" } }),
    "a pod as the learner": aPod({ serviceAccountName: "learner" }),
    "a pod with the API server's own tolerations": aPod({
      tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }],
    }),
    "a pod with affinity in its namespace": aPod({
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone" }] } },
    }),
  };
  for (const [name, object] of Object.entries(allowed)) {
    test(name, () => assert.equal(verdict(aRequest(object)), ""));
  }
});

suite("what a learner may not create", () => {
  const refused: Readonly<Record<string, readonly [TestObject, string]>> = {
    "a privileged pod": [
      aPod({}, { securityContext: { privileged: true } }),
      "[pod-security/privileged] spec.containers[0].securityContext.privileged: must not be true; policy restricted:latest",
    ],
    "a Deployment with the node's network": [
      aDeployment({ hostNetwork: true }),
      "[pod-security/hostNamespaces] spec.template.spec.hostNetwork: must not be true; policy restricted:latest",
    ],
    "a pod on a node": [aPod({ nodeName: "n1" }), "[node-name] spec.nodeName: must not be set, is n1"],
    "a pod with the desk's priority": [
      aPod({ priorityClassName: "carrel-desk" }),
      "[priority-class] spec.priorityClassName: must not be carrel-desk",
    ],
    "a pod with a system priority": [
      aPod({ priorityClassName: "system-node-critical" }),
      "[priority-class] spec.priorityClassName: must not be system-node-critical",
    ],
    "a pod with another runtime": [
      aPod({ runtimeClassName: "runc-raw" }),
      "[runtime-class] spec.runtimeClassName: must not be set, is runc-raw",
    ],
    "a pod with another scheduler": [
      aPod({ schedulerName: "mine" }),
      "[scheduler-name] spec.schedulerName: must be default-scheduler, is mine",
    ],
    "a pod as another account": [
      aPod({ serviceAccountName: "admin" }),
      "[service-account-name] spec.serviceAccountName: must be one of learner, default, is admin",
    ],
    "a pod that tolerates everything": [
      aPod({ tolerations: [{ operator: "Exists" }] }),
      "[tolerations] spec.tolerations[0].key: must not be empty (every taint); allowed are node.kubernetes.io/not-ready, node.kubernetes.io/unreachable",
    ],
    "a pod that looks at other namespaces": [
      aPod({
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, podAffinityTerm: { namespaceSelector: {} } },
            ],
          },
        },
      }),
      "[pod-affinity] spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.namespaceSelector: must not be set: only the own namespace counts",
    ],
    "a template with Carrel's label": [
      aDeployment({}, {}, { "carrel.dev/role": "desk" }),
      "[template-keys] spec.template.metadata.labels[carrel.dev/role]: must not be set; carrel.dev/role belongs to Carrel",
    ],
    "a ConfigMap with Carrel's annotation": [
      core("ConfigMap", { metadata: { name: "x", annotations: { "carrel.dev/traceparent": "1" } } }),
      "[managed-objects] metadata.annotations[carrel.dev/traceparent]: must not be set; carrel.dev/traceparent belongs to Carrel",
    ],
    "a NodePort Service": [
      core("Service", { spec: { type: "NodePort" } }),
      "[service] spec.type: must be ClusterIP, is NodePort",
    ],
    "a Service with an external IP": [
      core("Service", { spec: { externalIPs: ["192.0.2.1"] } }),
      "[service] spec.externalIPs: must not be set, is 192.0.2.1",
    ],
    "an ExternalName Service": [
      core("Service", { spec: { type: "ExternalName", externalName: "metadata.internal" } }),
      '[service] spec.type: must be ClusterIP, is ExternalName. [service] spec.externalName: must not be set, is "metadata.internal"',
    ],
    "a token Secret": [
      core("Secret", { type: "kubernetes.io/service-account-token" }),
      "[secret] type: must not be kubernetes.io/service-account-token; use kubectl create token",
    ],
    "a claim on an existing volume": [
      core("PersistentVolumeClaim", { spec: { volumeName: "pv1" } }),
      "[volume-claim] spec.volumeName: must not be set, is pv1",
    ],
    "a ConfigMap that will not go": [
      core("ConfigMap", { metadata: { name: "x", finalizers: ["example.com/never"] } }),
      "[finalizers] metadata.finalizers[0]: must not be example.com/never; allowed are foregroundDeletion, orphan, kubernetes.io/pvc-protection, batch.kubernetes.io/job-tracking",
    ],
  };
  for (const [name, [object, text]] of Object.entries(refused)) {
    test(name, () => assert.equal(verdict(aRequest(object)), text));
  }

  for (const [apiVersion, kind] of [
    ["apps/v1", "DaemonSet"],
    ["policy/v1", "PodDisruptionBudget"],
    ["networking.k8s.io/v1", "Ingress"],
    ["networking.k8s.io/v1", "NetworkPolicy"],
    ["rbac.authorization.k8s.io/v1", "RoleBinding"],
    ["v1", "Endpoints"],
    ["v1", "ResourceQuota"],
    ["example.com/v1", "Widget"],
  ] as const) {
    test(`kind ${kind}`, () => {
      const object = { apiVersion, kind, metadata: { name: "x" }, spec: { template: aPod() } };
      assert.match(
        verdict(aRequest(object)),
        new RegExp(`^\\[kinds\\] kind: must not be ${kind}.*; allowed are Pod, `),
      );
    });
  }

  test("several faults are all told, in one answer", () => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { containers: [{ name: "main" }] } };
    const rules = verdict(aRequest(pod)).match(/\[[^\]]+\] /g);
    assert.deepEqual(rules, [
      "[pod-security/allowPrivilegeEscalation] ",
      "[pod-security/capabilities_restricted] ",
      "[pod-security/runAsNonRoot] ",
      "[pod-security/seccompProfile_restricted] ",
    ]);
  });

  test("a pod that has not the shape of one", () => {
    for (const spec of [
      undefined,
      [],
      "x",
      { containers: "all" },
      { containers: ["a"] },
      { containers: [], volumes: {} },
    ]) {
      const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec };
      assert.match(verdict(aRequest(pod)), /^\[decodable\] spec: /, JSON.stringify(spec));
    }
  });
});

suite("the policy profile", () => {
  const profile = (fields: object): Facts => ({
    workspace: {
      state: "active",
      name: "w1",
      profileName: "p",
      profile: policyProfileSpecSchema.parse(fields),
    },
  });
  const lax = aPod({ securityContext: {} }, { securityContext: { allowPrivilegeEscalation: true } });

  test("chooses the standard", () => {
    assert.notEqual(verdict(aRequest(lax), profile({})), "");
    assert.equal(verdict(aRequest(lax), profile({ podSecurity: { level: "baseline", version: "v1.30" } })), "");
  });
  test("chooses the kinds, in place of the built-in list", () => {
    const facts = profile({ kinds: [{ group: "example.com", kinds: ["Widget"] }] });
    const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "x" } };
    assert.equal(verdict(aRequest(widget), facts), "");
    assert.match(verdict(aRequest(core("ConfigMap")), facts), /^\[kinds\].*allowed are Widget\.example\.com$/);
  });
  test("that is missing denies, unless it is the default one", () => {
    const missing: Facts = { workspace: { state: "active", name: "w1", profileName: "nope" } };
    assert.match(verdict(aRequest(aPod()), missing), /^\[workspace-active\].*PolicyProfile nope does not exist/);
    assert.equal(verdict(remove(aPod()), missing), "");
    assert.equal(verdict(aRequest(aPod()), ACTIVE), "");
  });
});

suite("a workspace that is unknown or over", () => {
  for (const [name, facts] of Object.entries({ unknown: UNKNOWN, ended: ENDED })) {
    test(`${name}: nothing new, by learners or by controllers for them`, () => {
      assert.match(
        verdict(aRequest(aPod()), facts),
        /^\[workspace-active\] metadata\.namespace: .*only deleting is allowed/,
      );
      assert.match(
        verdict(aRequest(aPod(), { user: controller("replicaset-controller") }), facts),
        /^\[workspace-active\]/,
      );
      assert.match(verdict(update(aDeployment(), aDeployment()), facts), /^\[workspace-active\]/);
      const exec = { apiVersion: "v1", kind: "PodExecOptions", command: ["sh"] };
      const connect = { operation: "CONNECT", resource: "pods", subresource: "exec" } as const;
      assert.match(verdict(aRequest(exec, connect), facts), /^\[workspace-active\]/);
    });
    test(`${name}: deleting goes on`, () => {
      assert.equal(verdict(remove(aPod()), facts), "");
      assert.equal(verdict(remove(aPod({}, {}, MANAGED), { user: controller("namespace-controller") }), facts), "");
      const going = (finalizers: string[]): TestObject =>
        core("ConfigMap", { metadata: { name: "x", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers } });
      assert.equal(verdict(update(going(["a", "b"]), going(["a"])), facts), "");
      const status = { user: controller("job-controller"), resource: "jobs", subresource: "status" };
      assert.equal(verdict(update(aPod(), aPod(), status), facts), "");
    });
  }
});

suite("an update", () => {
  const bad = { securityContext: { privileged: true } };
  test("is refused for what is new only", () => {
    assert.equal(verdict(update(aDeployment({}, bad), aDeployment({}, { ...bad, image: "registry.example/new" }))), "");
    assert.match(verdict(update(aDeployment({}, bad), aDeployment({ hostPID: true }, bad))), /hostPID/);
    assert.doesNotMatch(verdict(update(aDeployment({}, bad), aDeployment({ hostPID: true }, bad))), /privileged/);
  });
  test("warns of what was so before", () => {
    const { warnings } = decide(update(aDeployment({}, bad), aDeployment({}, bad)), ACTIVE, SETTINGS);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^\[pod-security\/privileged\].*it was so before$/);
  });
  test("may reorder containers, but not hand a fault on to another", () => {
    const two = (names: readonly [string, string], privileged: string): TestObject =>
      aPod({
        containers: names.map((name) => ({
          name,
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            privileged: name === privileged,
          },
        })),
      });
    assert.equal(verdict(update(two(["a", "b"], "a"), two(["b", "a"], "a"))), "");
    assert.match(verdict(update(two(["a", "b"], "a"), two(["a", "b"], "b"))), /containers\[1\].*privileged/);
  });
  test("of a scheduled pod is not refused for its node", () => {
    assert.equal(verdict(update(aPod({ nodeName: "n1" }), aPod({ nodeName: "n1" }, {}, { labels: { a: "b" } }))), "");
  });
  test("may add no privileged ephemeral container", () => {
    const debug = aPod({ ephemeralContainers: [{ name: "debug", securityContext: { privileged: true } }] });
    const text = verdict(update(aPod(), debug, { subresource: "ephemeralcontainers" }));
    assert.match(text, /spec\.ephemeralContainers\[0\]\.securityContext\.privileged: must not be true/);
  });
  test("may not add a finalizer", () => {
    const held = core("ConfigMap", { metadata: { name: "x", finalizers: ["example.com/x"] } });
    assert.match(verdict(update(core("ConfigMap"), held)), /^\[finalizers\]/);
    assert.equal(verdict(update(held, held)), "");
  });
});

suite("what is Carrel's", () => {
  const desk = aPod(
    { serviceAccountName: "learner", priorityClassName: "carrel-desk" },
    {},
    { name: "desk", ...MANAGED },
  );
  test("is not changed, relabelled, evicted or deleted by learners", () => {
    assert.match(
      verdict(remove(desk)),
      /^\[managed-objects\] metadata: Pod desk belongs to Carrel and must not be deleted/,
    );
    assert.match(
      verdict(update(desk, { ...desk, metadata: { name: "desk" } })),
      /^\[managed-objects\].*must not be changed/,
    );
    assert.match(
      verdict(update(aPod(), aPod({}, {}, MANAGED))),
      /^\[managed-objects\] metadata\.labels\[app\.kubernetes/,
    );
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "desk" } };
    const evict = { group: "", resource: "pods", subresource: "eviction" };
    assert.match(verdict(aRequest(eviction, evict)), /^\[managed-objects\].*must not be evicted/);
    assert.equal(verdict(aRequest({ ...eviction, metadata: { name: "mine" } }, evict)), "");
    const debug = { subresource: "ephemeralcontainers" };
    assert.match(verdict(update(desk, desk, debug)), /^\[managed-objects\]/);
  });
  test("is named in a deletecollection, where the request has no name", () => {
    assert.match(verdict(remove(desk, { name: "" })), /Pod desk belongs to Carrel/);
  });
  test("is made and deleted by Carrel, and deleted by Kubernetes", () => {
    assert.equal(verdict(aRequest(desk, { user: carrel("provisioner") })), "");
    assert.equal(verdict(remove(desk, { user: carrel("reaper") })), "");
    assert.equal(verdict(remove(desk, { user: controller("namespace-controller") })), "");
    assert.equal(verdict(remove(desk, { user: { username: "system:node:n1", groups: ["system:nodes"] } })), "");
  });
  test("is changed by operators with a warning", () => {
    const decision = decide(remove(desk, { user: OPERATOR }), ACTIVE, SETTINGS);
    assert.equal(decision.allowed, true);
    assert.match(decision.warnings[0] ?? "", /^\[managed-objects\].*allowed for an operator$/);
  });
  test("is not adopted by a learner's ReplicaSet", () => {
    const owned = {
      ...desk,
      metadata: { name: "desk", ...MANAGED, ownerReferences: [{ uid: "rs", controller: true }] },
    };
    assert.match(verdict(update(desk, owned, { user: controller("replicaset-controller") })), /^\[adoption\]/);
    assert.equal(verdict(update(aPod(), aPod(), { user: controller("replicaset-controller") })), "");
  });
  test("meets the standard as everything else", () => {
    const open = aPod({ hostNetwork: true }, {}, MANAGED);
    assert.match(verdict(aRequest(open, { user: carrel("provisioner") })), /hostNamespaces/);
  });
});

suite("an object that a template brings along", () => {
  const labels = { ...MANAGED.labels, "carrel.dev/object": "web" };
  const brought = (object: TestObject, user = carrel("provisioner")): AdmissionRequest =>
    aRequest({ ...object, metadata: { name: "x", labels } }, { user });
  const service = (type: string): TestObject => core("Service", { spec: { type, ports: [{ port: 80 }] } });
  const tide = { apiVersion: "example.com/v1", kind: "Tide", metadata: { name: "t" } };

  test("is judged as a learner's, though the provisioner creates it", () => {
    assert.equal(verdict(brought(service("ClusterIP"))), "");
    assert.match(verdict(brought(service("NodePort"))), /^\[service\]/);
    assert.match(verdict(brought(aPod({ hostNetwork: true }))), /hostNamespaces/);
    assert.match(verdict(brought(aPod({ priorityClassName: "carrel-desk" }))), /priority-class/);
    assert.match(verdict(brought(core("ResourceQuota"))), /^\[kinds\]/);
    assert.match(verdict(brought(core("Secret", { type: "kubernetes.io/service-account-token" }))), /^\[secret\]/);
    assert.equal(verdict(aRequest(core("ResourceQuota"), { user: carrel("provisioner") })), "", "Carrel's own is not");
  });
  test("is a custom resource only where the profile has the kind", () => {
    const extraKinds = [{ group: "example.com", kinds: ["Tide"] }];
    const profile = policyProfileSpecSchema.parse({ extraKinds });
    const facts: Facts = { workspace: { state: "active", name: "w1", profileName: "sea", profile } };
    const request = brought(tide as TestObject);
    assert.match(verdict(request), /^\[kinds\]/);
    assert.equal(verdict(request, facts), "");
    assert.equal(verdict(aRequest(core("ConfigMap")), facts), "", "the ordinary kinds stay");
    assert.equal(verdict(aRequest(tide as TestObject), facts), "", "learners may too");
  });
  test("is worked on by its operator, whom the installation trusts by name, and by no other", () => {
    const user = {
      username: "system:serviceaccount:sea:tide-controller",
      groups: ["system:serviceaccounts:sea", "system:authenticated"],
    };
    const before = { ...tide, metadata: { name: "t", labels } } as TestObject;
    const held = { ...before, metadata: { name: "t", labels, finalizers: ["example.com/tide"] } } as TestObject;
    const working = update(before, held, { user });
    assert.notEqual(verdict(working), "");
    const settings = { ...SETTINGS, trustedUsers: [user.username] };
    for (const request of [
      working,
      update(held, before, { user }),
      update(before, held, { user, subresource: "status" }),
    ])
      assert.equal(decide(request, ACTIVE, settings).allowed, true);
    const pod = aRequest(aPod({ hostNetwork: true }), { user });
    assert.equal(decide(pod, ACTIVE, settings).allowed, false, "its pods are judged");
  });
  test("is the learner's to change and to delete, but not the keys by which Carrel knows it", () => {
    const map = (metadata: object, data: object = {}): TestObject =>
      core("ConfigMap", { data, metadata: { name: "x", ...metadata } });
    const before = map({ labels });
    assert.equal(verdict(update(before, map({ labels: { ...labels, own: "x" } }, { a: "b" }))), "");
    assert.equal(verdict(remove(before)), "");
    const object = /^\[managed-objects\] metadata\.labels\[carrel\.dev\/object\]: must /;
    assert.match(verdict(update(before, map({ labels: MANAGED.labels }))), object);
    assert.match(verdict(update(before, map({ labels: { ...labels, "carrel.dev/object": "other" } }))), object);
    assert.match(verdict(update(before, map({ labels: { ...labels, "carrel.dev/role": "desk" } }))), /dev\/role\]/);
    assert.match(verdict(update(map({ labels: MANAGED.labels }), before)), /belongs to Carrel/);
    const open = aPod({ hostNetwork: true }, {}, { labels });
    assert.match(verdict(update(aPod({}, {}, { labels }), open)), /hostNamespaces/);
  });
  test("does not come for a workspace that is over, and nobody else carries its label", () => {
    assert.match(verdict(brought(service("ClusterIP")), ENDED), /^\[workspace-active\]/);
    assert.match(verdict(brought(service("ClusterIP"), LEARNER)), /^\[managed-objects\]/);
  });
});

suite("who is who", () => {
  const quota = core("ResourceQuota");
  test("look-alikes are learners", () => {
    for (const user of [
      { username: "system:serviceaccount:carrel-system:provisioner", groups: ["system:authenticated"] },
      { username: "system:serviceaccount:w1:provisioner", groups: ["system:serviceaccounts:w1"] },
      { username: "system:serviceaccount:carrel-system:helper", groups: ["system:serviceaccounts:carrel-system"] },
      { username: "system:serviceaccount:kube-system:addon", groups: ["system:serviceaccounts:kube-system"] },
      { username: "system:node:n1", groups: ["system:authenticated"] },
      { username: "system:kube-scheduler2", groups: [] },
    ]) {
      assert.match(verdict(aRequest(quota, { user })), /^\[kinds\]/, user.username);
    }
    assert.equal(verdict(aRequest(quota, { user: carrel("provisioner") })), "");
  });
  test("controllers' pods are judged; what else they make is not", () => {
    const user = controller("replicaset-controller");
    assert.equal(verdict(aRequest(aPod(), { user })), "");
    assert.match(verdict(aRequest(aPod({ hostPID: true }), { user })), /hostNamespaces/);
    assert.match(verdict(aRequest(aPod({ nodeName: "n1" }), { user })), /^\[node-name\]/);
    const slice = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: "x" } };
    assert.equal(verdict(aRequest(slice, { user: controller("endpointslice-controller") })), "");
  });
  test("the scheduler alone binds", () => {
    const binding = { apiVersion: "v1", kind: "Binding", metadata: { name: "x" }, target: { name: "n1" } };
    const bind = { resource: "pods", subresource: "binding" };
    const scheduler = { username: "system:kube-scheduler", groups: ["system:authenticated"] };
    assert.equal(verdict(aRequest(binding, { ...bind, user: scheduler })), "");
    assert.match(verdict(aRequest(binding, bind)), /^\[subresources\]/);
    assert.match(verdict(aRequest(binding, { ...bind, user: controller("job-controller") })), /^\[subresources\]/);
    assert.match(verdict(aRequest(binding, { resource: "bindings" })), /^\[subresources\]/);
  });
});

suite("subresources", () => {
  const connect = (resource: string, subresource: string, kind: string): AdmissionRequest =>
    aRequest(
      { apiVersion: "v1", kind, command: ["cat", "/etc/passwd"], container: "main" },
      {
        operation: "CONNECT",
        resource,
        subresource,
      },
    );
  test("exec, attach and portforward are the learner's; proxies are not", () => {
    assert.equal(verdict(connect("pods", "exec", "PodExecOptions")), "");
    assert.equal(verdict(connect("pods", "attach", "PodAttachOptions")), "");
    assert.equal(verdict(connect("pods", "portforward", "PodPortForwardOptions")), "");
    assert.match(
      verdict(connect("pods", "proxy", "PodProxyOptions")),
      /^\[subresources\] subresource: must not be pods\/proxy/,
    );
    assert.match(verdict(connect("services", "proxy", "ServiceProxyOptions")), /^\[subresources\]/);
  });
  test("the command of an exec is in the audit log", () => {
    const { auditAnnotations } = decide(connect("pods", "exec", "PodExecOptions"), ACTIVE, SETTINGS);
    assert.deepEqual(auditAnnotations, {
      actor: "learner",
      workspace: "w1",
      profile: "default",
      command: "cat /etc/passwd",
      container: "main",
    });
  });
  test("a status is no learner's", () => {
    assert.match(verdict(update(aPod(), aPod(), { subresource: "status" })), /^\[subresources\]/);
    const node = { username: "system:node:n1", groups: ["system:nodes"] };
    assert.equal(verdict(update(aPod(), aPod(), { subresource: "status", user: node })), "");
  });
  test("scale follows its kind", () => {
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "x" }, spec: { replicas: 2 } };
    const of = (resource: string): AdmissionRequest =>
      update(scale, scale, { group: "apps", resource, subresource: "scale" });
    assert.equal(verdict(of("deployments")), "");
    assert.match(verdict(of("widgets")), /^\[subresources\]/);
    const noDeployments: Facts = {
      workspace: {
        state: "active",
        name: "w1",
        profileName: "p",
        profile: policyProfileSpecSchema.parse({ kinds: [{ group: "", kinds: ["Pod"] }] }),
      },
    };
    assert.match(verdict(of("deployments"), noDeployments), /^\[kinds\] kind: must not be Deployment\.apps/);
  });
  test("tokens are short, for the API server, of the session's accounts", () => {
    const token = (name: string, spec: object): AdmissionRequest =>
      aRequest(
        { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata: { name }, spec },
        {
          group: "",
          resource: "serviceaccounts",
          subresource: "token",
        },
      );
    assert.equal(verdict(token("learner", { expirationSeconds: 3600 })), "");
    assert.match(
      verdict(token("learner", { expirationSeconds: 86_400 })),
      /^\[token-request\] spec\.expirationSeconds/,
    );
    assert.equal(verdict(token("learner", { audiences: ["https://kubernetes.default.svc"] })), "");
    assert.match(verdict(token("learner", { audiences: ["vault"] })), /^\[token-request\] spec\.audiences/);
    assert.match(verdict(token("other", {})), /^\[token-request\] metadata\.name/);
  });
});

suite("namespaces of workspaces", () => {
  const namespace = (labels: object = { "carrel.dev/workspace": "w1" }): TestObject =>
    core("Namespace", { metadata: { name: "w1", labels } });
  test("are no learner's to make, change or delete", () => {
    assert.match(verdict(aRequest(namespace())), /^\[namespace-writers\]/);
    assert.match(verdict(update(namespace(), namespace())), /^\[namespace-writers\]/);
    assert.match(verdict(remove(namespace())), /^\[namespace-writers\]/);
    assert.match(verdict(update(namespace({}), namespace())), /^\[namespace-writers\]/);
  });
  test("are made by the provisioner, deleted by the reaper, finalized by Kubernetes", () => {
    assert.equal(verdict(aRequest(namespace(), { user: carrel("provisioner") })), "");
    assert.match(verdict(aRequest(namespace(), { user: carrel("reaper") })), /^\[namespace-writers\]/);
    assert.equal(verdict(remove(namespace(), { user: carrel("reaper") })), "");
    assert.match(verdict(remove(namespace(), { user: carrel("provisioner") })), /^\[namespace-writers\]/);
    const finalize = { user: controller("namespace-controller"), subresource: "finalize" };
    assert.equal(verdict(update(namespace(), namespace(), finalize)), "");
    assert.match(verdict(update(namespace(), namespace(), { subresource: "finalize" })), /^\[namespace-writers\]/);
  });
  test("keep the label that binds them, whoever asks", () => {
    for (const user of [LEARNER, OPERATOR, carrel("provisioner"), controller("namespace-controller")]) {
      assert.notEqual(verdict(update(namespace(), namespace({}), { user })), "", user.username);
    }
    assert.match(verdict(update(namespace(), namespace({}), { user: OPERATOR })), /^\[namespace-labels\]/);
  });
  test("others are none of Carrel's business", () => {
    assert.equal(verdict(aRequest(namespace({}))), "");
  });
});

suite("sessions and workspaces", () => {
  const of = (kind: string, phase?: string): TestObject => ({
    apiVersion: "carrel.dev/v1alpha1",
    kind,
    metadata: { name: "s1" },
    spec: {},
    ...(phase === undefined ? {} : { status: { phase } }),
  });
  const step = (kind: string, from: string | undefined, to: string | undefined, user = carrel("reaper")): string =>
    verdict(update(of(kind, from), of(kind, to), { namespace: "", subresource: "status", user }), UNKNOWN);

  test("go along the arrows only, whoever writes", () => {
    assert.equal(step("Session", undefined, "Queued"), "");
    assert.equal(step("Session", "Queued", "Provisioning"), "");
    assert.equal(step("Session", "Ready", "Ending"), "");
    assert.equal(step("Session", "Ending", "Ended"), "");
    assert.equal(
      step("Session", "Ending", "Ready"),
      "[phases] status.phase: must not go from Ending to Ready; allowed are Ended",
    );
    assert.equal(
      step("Session", "Ended", "Queued"),
      "[phases] status.phase: must not go from Ended to Queued; it is the last",
    );
    assert.match(step("Session", "Ready", undefined), /from Ready to none/);
    assert.match(step("Session", "Ready", "Ended", OPERATOR), /^\[phases\]/);
    assert.equal(step("Workspace", "Ready", "Terminating", carrel("provisioner")), "");
    assert.match(step("Workspace", "Terminating", "Ready", carrel("provisioner")), /^\[phases\]/);
  });
  test("are written by the service whose step it is", () => {
    const create = (user: AdmissionRequest["user"]): string =>
      verdict(aRequest(of("Session"), { namespace: "", user }), UNKNOWN);
    assert.equal(create(carrel("provisioner")), "");
    assert.equal(create(OPERATOR), "");
    assert.match(create(carrel("reaper")), /^\[carrel-writers\]/);
    const claim = (user: AdmissionRequest["user"]): string =>
      verdict(
        aRequest(of("Workspace"), { namespace: "", operation: "UPDATE", oldObject: of("Workspace"), user }),
        UNKNOWN,
      );
    assert.equal(claim(carrel("provisioner")), "");
    assert.match(claim(carrel("proxy")), /^\[carrel-writers\]/);
    assert.match(claim(LEARNER), /^\[carrel-writers\]/);
    assert.match(create(LEARNER), /^\[carrel-writers\].*must not create sessions; allowed are provisioner, operator$/);
    assert.match(step("Session", "Ready", "Ending", LEARNER), /^\[carrel-writers\]/);
    assert.match(step("Workspace", "Ready", "Terminating"), /^\[carrel-writers\].*allowed are provisioner, operator$/);
    assert.equal(
      verdict(remove(of("Workspace"), { namespace: "", user: controller("generic-garbage-collector") })),
      "",
    );
  });
});
