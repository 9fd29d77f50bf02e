import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { policyProfileSpecSchema } from "@carrel/api";
import fc from "fast-check";
import { decide } from "../decision/decide.ts";
import type { Facts } from "../decision/facts.ts";
import type { JsonObject } from "../review/json-object.ts";
import { evaluatePodSecurity } from "../pod-security/evaluate-pod-security.ts";
import type { PodParts } from "../pod-security/pod-parts.ts";
import type { TestObject } from "../testing/a-pod.ts";
import { aRequest } from "../testing/a-request.ts";
import { applyAdds } from "../testing/apply-adds.ts";
import { mutate } from "./mutate.ts";

const ACTIVE: Facts = { workspace: { state: "active", name: "w1", profileName: "default" } };
const SETTINGS = {
  carrelNamespace: "carrel-system",
  operatorGroups: [],
  trustedUsers: [],
  tokenAudiences: ["https://kubernetes.default.svc"],
};

function pod(spec: JsonObject): TestObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec };
}

function patched(object: TestObject, facts = ACTIVE): TestObject {
  return applyAdds(object, mutate(aRequest(object), facts)) as TestObject;
}

suite("the default security context", () => {
  test("makes a plain pod meet the restricted standard", () => {
    const plain = pod({ containers: [{ name: "a" }], initContainers: [{ name: "b", securityContext: {} }] });
    assert.equal(decide(aRequest(plain), ACTIVE, SETTINGS).allowed, false);
    assert.equal(decide(aRequest(patched(plain)), ACTIVE, SETTINGS).allowed, true);
    assert.deepEqual(patched(plain)["spec"], {
      containers: [
        { name: "a", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
      ],
      initContainers: [
        { name: "b", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
      ],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
  });

  test("makes the plain templates of every workload meet it", () => {
    const template = { spec: { containers: [{ name: "a" }] } };
    const objects: readonly TestObject[] = [
      { apiVersion: "apps/v1", kind: "Deployment", spec: { template } },
      { apiVersion: "apps/v1", kind: "StatefulSet", spec: { template } },
      { apiVersion: "batch/v1", kind: "Job", spec: { template } },
      { apiVersion: "batch/v1", kind: "CronJob", spec: { jobTemplate: { spec: { template } } } },
    ];
    for (const object of objects) {
      assert.equal(decide(aRequest(patched(object)), ACTIVE, SETTINGS).allowed, true, object.kind);
    }
  });

  test("leaves alone what is set, also when it is wrong", () => {
    const wrong = pod({
      securityContext: { runAsNonRoot: false, seccompProfile: { type: "Unconfined" } },
      containers: [
        { name: "a", securityContext: { allowPrivilegeEscalation: true, capabilities: { drop: ["NET_RAW"] } } },
      ],
    });
    assert.deepEqual(mutate(aRequest(wrong), ACTIVE), []);
  });

  test("does not turn a privileged container into one that the API server refuses for another reason", () => {
    for (const securityContext of [{ privileged: true }, { capabilities: { add: ["SYS_ADMIN"] } }]) {
      const patch = mutate(aRequest(pod({ containers: [{ name: "a", securityContext }] })), ACTIVE);
      assert.ok(!patch.some(({ path }) => path.endsWith("allowPrivilegeEscalation")));
    }
  });

  test("keeps the Linux fields off Windows pods", () => {
    const windows = patched(pod({ os: { name: "windows" }, containers: [{ name: "a" }] }));
    assert.deepEqual(windows["spec"], {
      os: { name: "windows" },
      containers: [{ name: "a" }],
      securityContext: { runAsNonRoot: true },
    });
  });

  test("is not added under another standard, nor for a workspace that has ended", () => {
    const plain = aRequest(pod({ containers: [{ name: "a" }] }));
    const baseline = policyProfileSpecSchema.parse({ podSecurity: { level: "baseline" } });
    const profiled: Facts = { workspace: { state: "active", name: "w1", profileName: "p", profile: baseline } };
    assert.deepEqual(mutate(plain, profiled), []);
    assert.deepEqual(mutate(plain, { workspace: { state: "ended", name: "w1", profileName: "default" } }), []);
  });

  test("never changes a pod that exists but for its new ephemeral containers", () => {
    const before = pod({ containers: [{ name: "a" }], ephemeralContainers: [{ name: "d1" }] });
    const after = pod({ containers: [{ name: "a" }], ephemeralContainers: [{ name: "d1" }, { name: "d2" }] });
    const update = { operation: "UPDATE", oldObject: before } as const;
    assert.deepEqual(mutate(aRequest(after, update), ACTIVE), []);
    const debug = mutate(aRequest(after, { ...update, subresource: "ephemeralcontainers" }), ACTIVE);
    assert.deepEqual(
      debug.map(({ path }) => path),
      ["/spec/ephemeralContainers/1/securityContext"],
    );
  });

  test("does not roll out a Deployment whose template stays", () => {
    const deployment = (replicas: number): TestObject => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      spec: { replicas, template: { spec: { containers: [{ name: "a" }] } } },
    });
    const update = { operation: "UPDATE", oldObject: deployment(1) } as const;
    assert.deepEqual(mutate(aRequest(deployment(2), update), ACTIVE), []);
  });

  test("is idempotent and enough for whatever says nothing wrong", () => {
    const maybe = (value: unknown): fc.Arbitrary<unknown> => fc.constantFrom(undefined, null, value);
    const capabilities = fc.constantFrom(
      undefined,
      null,
      {},
      { drop: [] },
      { drop: ["ALL"] },
      { add: ["NET_BIND_SERVICE"] },
    );
    const container = fc.record({
      name: fc.constant("a"),
      securityContext: fc.option(fc.record({ allowPrivilegeEscalation: maybe(false), capabilities })),
    });
    const spec = fc.record({
      containers: fc.array(container, { minLength: 1, maxLength: 3 }),
      initContainers: fc.option(fc.array(container, { maxLength: 2 })),
      securityContext: fc.option(
        fc.record({ runAsNonRoot: maybe(true), seccompProfile: maybe({ type: "RuntimeDefault" }) }),
      ),
    });
    fc.assert(
      fc.property(spec, (any) => {
        const once = patched(pod(any));
        assert.deepEqual(mutate(aRequest(once), ACTIVE), []);
        const verdict = evaluatePodSecurity("restricted", "latest", once as unknown as PodParts);
        assert.deepEqual(verdict.violations, []);
      }),
    );
  });
});
