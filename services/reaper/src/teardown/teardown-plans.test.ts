import assert from "node:assert/strict";
import { test } from "node:test";
import { API_VERSION, type SessionTemplateSpec, type Workspace } from "@carrel/api";
import { describeObjects, namespaceBlocker } from "./blockers.ts";
import { broughtKinds, externalKinds } from "./external-kinds.ts";

const workspace = (template: object): Workspace => ({
  apiVersion: API_VERSION,
  kind: "Workspace",
  metadata: { name: "w1", uid: "u1" },
  spec: { template: { name: "t", uid: "u", generation: 1, spec: template as SessionTemplateSpec }, variables: {} },
});
const vm = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", metadata: { name: "x" } };
const claim = { apiVersion: "example.org/v1", kind: "Claim", metadata: { name: "x" } };

test("kinds that are finalised externally, each once, with the longest time; read from what was stored", () => {
  const objects = [
    { name: "a", template: vm, finalizedExternally: { timeout: "30s" } },
    { name: "b", template: vm, finalizedExternally: { timeout: "2m" } },
    { name: "c", template: claim, finalizedExternally: {} },
    { name: "f", template: { ...claim, kind: "Lake" }, finalizedExternally: { timeout: "90d" } },
    { name: "d", template: { apiVersion: "v1", kind: "ConfigMap" } },
    { name: "e" },
  ];
  assert.deepEqual(externalKinds(workspace({ objects })), [
    { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", timeoutMs: 120_000 },
    { apiVersion: "example.org/v1", kind: "Claim", timeoutMs: 60_000 },
    { apiVersion: "example.org/v1", kind: "Lake", timeoutMs: 3_600_000 },
  ]);
  assert.deepEqual(externalKinds(workspace({})), []);
  assert.deepEqual(
    broughtKinds(workspace({ objects, clusterRules: [{}] })).kinds.map(({ kind }) => kind),
    ["VirtualMachine", "Claim", "Lake", "ConfigMap"],
  );
  assert.deepEqual(broughtKinds(workspace({})), { kinds: [], clusterRules: false });
});

test("what stands in the way is named with its finalizers, as many as a note holds", () => {
  const object = (name: string, finalizers?: string[]): { kind: string; metadata: { name: string } } => ({
    kind: "Claim",
    metadata: { name, namespace: "w1", ...(finalizers === undefined ? {} : { finalizers }) } as { name: string },
  });
  assert.equal(
    describeObjects([object("a", ["x/y", "z"]), object("b")]),
    "Claim a in w1 (finalizers x/y, z), Claim b in w1 (no finalizer)",
  );
  assert.match(describeObjects(Array.from({ length: 8 }, () => object("c"))), /, and 3 more$/);
});

test("a namespace that does not go is told of in the namespace controller's words, once it is late", () => {
  const at = Date.parse("2026-01-01T00:01:00Z");
  const stuck = {
    metadata: { name: "w1", deletionTimestamp: "2026-01-01T00:00:00Z" },
    status: {
      conditions: [
        { type: "NamespaceFinalizersRemaining", status: "True" as const, message: "finalizer x in 1 resource" },
        { type: "NamespaceDeletionContentFailure", status: "False" as const, message: "all is well" },
      ],
    },
  };
  assert.equal(namespaceBlocker(stuck, at - 40_000), undefined);
  assert.equal(namespaceBlocker(stuck, at), "namespace w1: NamespaceFinalizersRemaining: finalizer x in 1 resource");
  assert.equal(namespaceBlocker({ metadata: { name: "w1" } }, at), undefined);
});
