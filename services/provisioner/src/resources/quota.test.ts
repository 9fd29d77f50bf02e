import assert from "node:assert/strict";
import { test } from "node:test";
import { Quantity } from "@carrel/api";
import { planQuotas } from "./quota.ts";
import { aContext } from "./testing/a-context.ts";

const hardOf = (context: ReturnType<typeof aContext>): Record<string, Record<string, string>> =>
  Object.fromEntries(
    context.namespaces.flatMap((namespace) =>
      planQuotas(context, namespace).map(({ metadata, spec }) => [
        `${metadata.namespace}/${metadata.name}`,
        { ...spec?.hard },
      ]),
    ),
  );

test("in the primary namespace the desk is counted apart", () => {
  const context = aContext();
  const [desk, compute, objects] = planQuotas(context, context.namespaces[0]);
  assert.deepEqual(desk?.spec?.hard, { pods: "1" });
  assert.equal(desk?.spec?.scopeSelector?.matchExpressions?.[0]?.operator, "In");
  assert.equal(compute?.spec?.scopeSelector?.matchExpressions?.[0]?.operator, "NotIn");
  assert.equal(compute?.spec?.hard?.["limits.cpu"], "1");
  assert.equal(objects?.spec?.scopeSelector, undefined);
  // A scoped quota refuses other keys than these.
  assert.deepEqual(Object.keys(compute?.spec?.hard ?? {}).sort(), [
    "limits.cpu",
    "limits.memory",
    "pods",
    "requests.cpu",
    "requests.memory",
  ]);
});

test("elsewhere one quota counts every pod, whatever its priority", () => {
  const hard = hardOf(aContext({ namespaces: [{ name: "db", share: 50 }] }));
  assert.deepEqual(Object.keys(hard), ["w1/desk", "w1/compute", "w1/objects", "w1-db/budget"]);
  assert.equal(hard["w1-db/budget"]?.["limits.cpu"], "500m");
  assert.equal(hard["w1-db/budget"]?.["services"], "2");
  assert.equal(hard["w1/objects"]?.["services"], "3");
});

test("what is Carrel's and Kubernetes' own does not eat of the budget", () => {
  const none = hardOf(aContext({ namespaces: [{ name: "db" }] }));
  const some = hardOf(
    aContext({
      namespaces: [{ name: "db", rules: [{ apiGroups: ["a"], resources: ["b"], verbs: ["get"] }] }],
      generate: [{ name: "password", type: "password" }],
      secrets: [{ from: { namespace: "x", name: "pull" }, namespaces: ["primary", "db"] }],
    }),
  );
  const more = (namespace: string, key: string): number =>
    Number(some[namespace]?.[key]) - Number(none[namespace]?.[key]);
  assert.equal(more("w1/objects", "secrets"), 2);
  assert.equal(more("w1-db/budget", "secrets"), 1);
  assert.equal(more("w1-db/budget", "count/roles.rbac.authorization.k8s.io"), 1);
  assert.equal(more("w1-db/budget", "count/rolebindings.rbac.authorization.k8s.io"), 1);
  assert.equal(none["w1/objects"]?.["configmaps"], "11");
});

test("the desk's ephemeral storage, which no scope can leave out, comes on top", () => {
  const containers = [
    { name: "a", image: "i", resources: { limits: { "ephemeral-storage": "3Gi" } } },
    { name: "b", image: "i", resources: { limits: { cpu: "1" } } },
  ];
  const context = aContext({ workspace: { template: { spec: { containers } } } });
  const objects = hardOf(context)["w1/objects"] ?? {};
  // 5Gi of the budget, 3Gi of the one, the LimitRange's 256Mi (and a request of 64Mi) of the other.
  assert.equal(objects["limits.ephemeral-storage"], String(Quantity.parse("8448Mi")));
  assert.equal(objects["requests.ephemeral-storage"], String(Quantity.parse("8256Mi")));
});

test("without a bound on compute there is no quota of it, but the desk's and that of numbers", () => {
  const hard = hardOf(aContext({ budget: "unlimited" }));
  assert.deepEqual(Object.keys(hard), ["w1/desk", "w1/compute", "w1/objects"]);
  assert.deepEqual(hard["w1/compute"], { pods: "110" });
  assert.equal(hard["w1/objects"]?.["limits.ephemeral-storage"], undefined);
  assert.equal(hard["w1/objects"]?.["services.loadbalancers"], "0");
});
