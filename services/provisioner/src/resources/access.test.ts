import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoleBinding } from "@carrel/kube";
import { planBindings, planRules } from "./access.ts";
import { aContext } from "./testing/a-context.ts";

const rule = { apiGroups: ["kubevirt.io"], resources: ["virtualmachines"], verbs: ["get"] };

test("one account, bound in every namespace to that namespace's role", () => {
  const context = aContext({ namespaces: [{ name: "a", role: "view" }, { name: "b", role: "none" }, { name: "c" }] });
  const bindings = planBindings(context).map(({ object }) => object as RoleBinding);
  assert.deepEqual(
    bindings.map(({ metadata, roleRef }) => [metadata.namespace, metadata.name, roleRef.name]),
    [
      ["w1", "learner", "carrel-learner-edit"],
      ["w1-a", "learner", "carrel-learner-view"],
      ["w1-c", "learner", "carrel-learner-edit"],
    ],
  );
  for (const { subjects } of bindings) {
    assert.deepEqual(subjects, [{ kind: "ServiceAccount", name: "learner", namespace: "w1" }]);
  }
  assert.deepEqual(planRules(context), []);
});

test("rules become a Role of their namespace, clusterRules a ClusterRole that carries the workspace's name and owner", () => {
  const named = { ...rule, resourceNames: ["$(session.namespace)"] };
  const context = aContext({
    role: "none",
    namespaces: [{ name: "vm", role: "none", rules: [rule] }],
    clusterRules: [named],
  });
  assert.deepEqual(
    planRules(context).map(({ object }) => ({
      ...object,
      metadata: `${object.metadata.namespace ?? ""}/${object.metadata.name}`,
    })),
    [
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: "w1-vm/learner-rules", rules: [rule] },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: "/carrel-w1",
        rules: [{ ...rule, resourceNames: ["w1"] }],
      },
    ],
  );
  const bindings = planBindings(context).map(({ object }) => object as RoleBinding);
  assert.deepEqual(
    bindings.map(({ kind, metadata, roleRef }) => [kind, metadata.namespace, roleRef.kind, roleRef.name]),
    [
      ["RoleBinding", "w1-vm", "Role", "learner-rules"],
      ["ClusterRoleBinding", undefined, "ClusterRole", "carrel-w1"],
    ],
  );
  for (const object of [planRules(context)[1]?.object, bindings[1]]) {
    assert.equal(object?.metadata.labels?.["carrel.dev/workspace-uid"], "workspace-uid");
    assert.equal(object?.metadata.ownerReferences?.[0]?.uid, "workspace-uid");
  }
});

test("no role and no rules: nothing is bound", () => {
  assert.deepEqual(planBindings(aContext({ role: "none" })), []);
});
