import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionTemplateInput } from "@carrel/api";
import type { Pod } from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { aPolicyProfile } from "@carrel/testkit";
import { planDeskPod } from "./desk-pod.ts";
import { aContext } from "./testing/a-context.ts";

const planned = (spec: Partial<SessionTemplateInput>): Pod => planDeskPod(aContext(spec));
const withPod = (pod: Record<string, unknown>): Partial<SessionTemplateInput> => ({
  workspace: { template: { spec: { containers: [{ name: "desk", image: "i" }], ...pod } } },
});

test("what Carrel insists on wins over the template", () => {
  const { metadata, spec } = planned({
    workspace: {
      template: {
        metadata: { labels: { "carrel.dev/workspace": "another", app: "x" }, annotations: { note: "y" } },
        spec: {
          containers: [{ name: "desk", image: "i" }],
          serviceAccountName: "default",
          priorityClassName: "system-node-critical",
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 3600,
          automountServiceAccountToken: false,
        },
      },
    },
  });
  assert.equal(metadata.labels?.["carrel.dev/workspace"], "w1");
  assert.deepEqual([metadata.labels?.["app"], metadata.annotations], ["x", { note: "y" }]);
  assert.deepEqual(
    [spec.serviceAccountName, spec.priorityClassName, spec.restartPolicy, spec.terminationGracePeriodSeconds],
    ["learner", "carrel-desk", "Always", 10],
  );
  assert.equal(spec.automountServiceAccountToken, true);
});

test("every field of a pod passes: init containers, sidecars, volumes, probes", () => {
  const volumes = [{ name: "home", persistentVolumeClaim: { claimName: "home" } }];
  const sidecar = { name: "side", image: "s", restartPolicy: "Always", startupProbe: { exec: { command: ["true"] } } };
  const { spec } = planned(withPod({ volumes, initContainers: [sidecar], hostname: "desk", dnsPolicy: "Default" }));
  assert.deepEqual([spec.volumes, spec.hostname, spec.dnsPolicy], [volumes, "desk", "Default"]);
  const [side] = spec.initContainers ?? [];
  assert.deepEqual([side?.restartPolicy, side?.startupProbe], ["Always", { exec: { command: ["true"] } }]);
  assert.deepEqual(side?.securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
  assert.equal(side?.readinessProbe, undefined);
});

test("ready means that the main port answers, unless the author probes or the endpoint is elsewhere", () => {
  const probeOf = (spec: Partial<SessionTemplateInput>): unknown => planned(spec).spec.containers[0]?.readinessProbe;
  const endpoints = [
    { name: "api", port: 1 },
    { name: "main", port: 2 },
  ];
  assert.deepEqual(probeOf({ endpoints }), { tcpSocket: { port: 2 }, periodSeconds: 1, failureThreshold: 3 });
  assert.equal(probeOf({ endpoints: [{ name: "main", port: 2, service: { name: "web" } }] }), undefined);
  const own = { httpGet: { path: "/", port: 8080 } };
  const containers = [
    { name: "a", image: "i" },
    { name: "b", image: "i", readinessProbe: own },
  ];
  const { spec } = planned({ workspace: { template: { spec: { containers } } } });
  assert.deepEqual(
    spec.containers.map(({ readinessProbe }) => readinessProbe),
    [undefined, own],
  );
});

test("the token comes with rights of any kind, or as the template says", () => {
  const token = (spec: Partial<SessionTemplateInput>): unknown => planned(spec).spec.automountServiceAccountToken;
  const rule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
  assert.equal(token({ role: "none" }), false);
  assert.equal(token({ role: "none", rules: [rule] }), true);
  assert.equal(token({ role: "none", clusterRules: [rule] }), true);
  assert.equal(token({ role: "none", namespaces: [{ name: "db", role: "view" }] }), true);
  const { template } = aContext().template.workspace;
  assert.equal(token({ workspace: { template, token: false } }), false);
  assert.equal(token({ role: "none", workspace: { template, token: true } }), true);
});

test("images are pulled with what the template names and with what is copied for it", () => {
  const secrets = [
    { from: { namespace: "x", name: "registry" }, pull: true },
    { from: { namespace: "x", name: "other" }, to: "mine", pull: true },
    { from: { namespace: "x", name: "elsewhere" }, namespaces: ["db"], pull: true },
    { from: { namespace: "x", name: "plain" } },
  ];
  const { spec } = planned({
    ...withPod({ imagePullSecrets: [{ name: "mine" }] }),
    namespaces: [{ name: "db" }],
    secrets,
  });
  assert.deepEqual(spec.imagePullSecrets, [{ name: "mine" }, { name: "registry" }]);
  assert.equal(planned({}).spec.imagePullSecrets, undefined);
});

test("a runtime class must be one of the profile's", () => {
  const spec = withPod({ runtimeClassName: "kata" });
  assert.throws(
    () => planned(spec),
    (error: Error) => hasCode(error, "INVALID") && error.message.includes("kata"),
  );
  const profile = aPolicyProfile({ metadata: { name: "sandbox" }, spec: { runtimeClasses: ["kata"] } });
  const context = aContext({ ...spec, policy: { profile: "sandbox" } }, { profiles: [profile] });
  assert.equal(planDeskPod(context).spec.runtimeClassName, "kata");
});

test("variables reach every string; generated ones and outputs too", () => {
  const env = [{ name: "A", value: "$(generated.password)@$(outputs.db.host)" }];
  const containers = [{ name: "desk", image: "i", env }];
  const context = aContext(
    { workspace: { template: { spec: { containers } } } },
    { known: { "generated.password": "p", "outputs.db.host": "h" } },
  );
  assert.deepEqual(planDeskPod(context).spec.containers[0]?.env, [{ name: "A", value: "p@h" }]);
});
