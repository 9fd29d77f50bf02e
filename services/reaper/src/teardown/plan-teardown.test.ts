import assert from "node:assert/strict";
import { test } from "node:test";
import { API_VERSION, LABELS, type SessionTemplateSpec, type Workspace } from "@carrel/api";
import type { Namespace } from "@carrel/kube";
import { planTeardown, unaccountedNamespaces } from "./plan-teardown.ts";

const never = (): boolean => false;

function workspace(namespaces?: NonNullable<Workspace["status"]>["namespaces"], additional: string[] = []): Workspace {
  // As it is stored: what the template's author left out is not there.
  const spec = additional.length === 0 ? {} : { namespaces: additional.map((name) => ({ name })) };
  return {
    apiVersion: API_VERSION,
    kind: "Workspace",
    metadata: { name: "w1", uid: "workspace-uid" },
    spec: {
      template: { name: "t", uid: "u", generation: 1, spec: spec as unknown as SessionTemplateSpec },
      variables: {},
    },
    ...(namespaces === undefined ? {} : { status: { namespaces } }),
  };
}

function namespace(name: string, metadata: Partial<Namespace["metadata"]> = {}, owner = "workspace-uid"): Namespace {
  return { metadata: { name, uid: `${name}-uid`, labels: { [LABELS.workspaceUid]: owner }, ...metadata } };
}

test("a namespace is deleted once, by its UID, and waited for", () => {
  const deletionTimestamp = "2026-01-01T00:00:00Z";
  assert.deepEqual(planTeardown(workspace(), [namespace("w1"), namespace("w1-db", { deletionTimestamp })]), {
    deletable: [{ name: "w1", uid: "w1-uid" }],
    terminating: [{ name: "w1-db", uid: "w1-db-uid" }],
    done: false,
  });
  assert.equal(planTeardown(workspace(), [namespace("w1", { deletionTimestamp })]).done, false);
});

test("a stranger's namespace, an earlier workspace's and one without UID are left alone and hold nothing up", () => {
  const others = [
    namespace("w1", { labels: {} }),
    namespace("w1", {}, "uid-of-another"),
    namespace("w1", { uid: undefined as unknown as string }),
  ];
  assert.deepEqual(planTeardown(workspace(), others), { deletable: [], terminating: [], done: true });
  assert.equal(planTeardown(workspace(), []).done, true);
});

test("a namespace is accounted for when it is cached, or was seen deleted under the recorded UID", () => {
  const recorded = workspace([{ name: "w1", uid: "w1-uid" }]);
  assert.deepEqual(unaccountedNamespaces(recorded, [namespace("w1")], never), []);
  assert.deepEqual(unaccountedNamespaces(recorded, [], never), ["w1"]);
  assert.deepEqual(
    unaccountedNamespaces(recorded, [], (uid) => uid === "w1-uid"),
    [],
  );
  assert.deepEqual(
    unaccountedNamespaces(recorded, [], (uid) => uid === "another"),
    ["w1"],
  );
});

test("what the status does not record may exist all the same, the additional namespaces too", () => {
  assert.deepEqual(
    unaccountedNamespaces(workspace(), [], () => true),
    ["w1"],
  );
  const partly = workspace([{ name: "w1", uid: "w1-uid" }], ["db"]);
  assert.deepEqual(
    unaccountedNamespaces(partly, [], () => true),
    ["w1-db"],
  );
  assert.deepEqual(unaccountedNamespaces(partly, [namespace("w1-db")], never), ["w1"]);
  // The template is what was asked for, the status what was made.
  assert.deepEqual(unaccountedNamespaces(workspace([{ name: "w1-old", uid: "x" }]), [], never), ["w1", "w1-old"]);
});
