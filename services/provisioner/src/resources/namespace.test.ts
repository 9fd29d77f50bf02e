import assert from "node:assert/strict";
import { test } from "node:test";
import { aPolicyProfile } from "@carrel/testkit";
import { planNamespace } from "./namespace.ts";
import { planNetworkPolicy } from "./network-policy.ts";
import { aContext } from "./testing/a-context.ts";

const baseline = aPolicyProfile({
  metadata: { name: "docker" },
  spec: { podSecurity: { level: "baseline", version: "v1.30" } },
});

test("each namespace has its own profile's Pod Security, all have the workspace's labels and owner", () => {
  const context = aContext(
    { namespaces: [{ name: "build", policy: { profile: "docker" } }, { name: "db" }] },
    { profiles: [baseline] },
  );
  const namespaces = context.namespaces.map((namespace) => planNamespace(context, namespace));
  const enforced = "pod-security.kubernetes.io/enforce";
  assert.deepEqual(
    namespaces.map(({ metadata }) => [
      metadata.name,
      metadata.labels?.[enforced],
      metadata.labels?.[`${enforced}-version`],
    ]),
    [
      ["w1", "restricted", "latest"],
      ["w1-build", "baseline", "v1.30"],
      ["w1-db", "restricted", "latest"],
    ],
  );
  for (const { metadata } of namespaces) {
    assert.equal(metadata.labels?.["carrel.dev/workspace-uid"], "workspace-uid");
    assert.equal(metadata.labels?.["carrel.dev/session"], "s1");
    assert.deepEqual(
      metadata.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller]),
      [["Workspace", "workspace-uid", true]],
    );
  }
});

test("a spare's namespaces name no session", () => {
  const context = aContext({}, { spare: true });
  assert.equal(planNamespace(context, context.namespaces[0]).metadata.labels?.["carrel.dev/session"], undefined);
});

test("a profile that does not exist is the template's mistake, but for the default one", () => {
  assert.throws(() => aContext({ policy: { profile: "none-such" } }), /no PolicyProfile none-such/);
  assert.throws(() => aContext({ namespaces: [{ name: "db", policy: { profile: "none-such" } }] }), /none-such/);
});

test("every namespace reaches the session's own ones and what the template adds, and nothing else", () => {
  const rule = { to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] };
  const context = aContext({ namespaces: [{ name: "db" }], network: { egress: [rule] } });
  const own = { namespaceSelector: { matchLabels: { "carrel.dev/workspace-uid": "workspace-uid" } } };
  for (const namespace of context.namespaces) {
    const { metadata, spec } = planNetworkPolicy(context, namespace);
    assert.equal(metadata.namespace, namespace.name);
    assert.deepEqual([spec.podSelector, spec.policyTypes], [{}, ["Ingress", "Egress"]]);
    assert.deepEqual(spec.ingress?.flatMap(({ from }) => from)[0], own);
    assert.equal(spec.ingress?.length, 1);
    assert.deepEqual(spec.egress?.[0], { to: [own] });
    assert.deepEqual(spec.egress?.[2]?.to, [{ ipBlock: { cidr: "10.0.0.1/32" } }]);
    assert.deepEqual(spec.egress?.slice(3), [rule]);
  }
});
