import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import { SESSIONS } from "./resource.ts";
import { resourcePath } from "./resource-path.ts";
import { DEPLOYMENTS } from "./resources/workloads.ts";
import { NAMESPACES } from "./resources/namespace.ts";
import { PODS } from "./resources/pod.ts";
import { CLUSTER_ROLES } from "./resources/rbac.ts";

test("paths of core and grouped, namespaced and cluster-scoped kinds", () => {
  assert.equal(resourcePath(PODS, { namespace: "desk", name: "web" }), "/api/v1/namespaces/desk/pods/web");
  assert.equal(resourcePath(PODS, { namespace: "desk" }), "/api/v1/namespaces/desk/pods");
  assert.equal(resourcePath(PODS, { allNamespaces: true }), "/api/v1/pods");
  assert.equal(resourcePath(NAMESPACES, { name: "desk" }), "/api/v1/namespaces/desk");
  assert.equal(resourcePath(SESSIONS, {}), "/apis/carrel.dev/v1alpha1/sessions");
  assert.equal(
    resourcePath(DEPLOYMENTS, { namespace: "desk", name: "web", subresource: "status" }),
    "/apis/apps/v1/namespaces/desk/deployments/web/status",
  );
});

test("RBAC names may hold colons", () => {
  const path = resourcePath(CLUSTER_ROLES, { name: "system:node" });
  assert.equal(decodeURIComponent(path), "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node");
});

test("no name leads elsewhere", () => {
  for (const name of ["", ".", "..", "../../secrets", "a/b", "a%2fb", "%2e%2e"]) {
    for (const target of [
      { namespace: "desk", name },
      { namespace: name, name: "web" },
    ]) {
      assert.throws(
        () => resourcePath(PODS, target),
        (error) => hasCode(error, "INVALID"),
        JSON.stringify(target),
      );
    }
  }
  assert.equal(resourcePath(PODS, { namespace: "desk", name: "a?b#c" }), "/api/v1/namespaces/desk/pods/a%3Fb%23c");
});

test("a namespace is needed where there is one, and refused where there is none", () => {
  assert.throws(() => resourcePath(PODS, { name: "web" }), /Pod is namespaced/);
  assert.throws(() => resourcePath(PODS, {}), /Pod is namespaced/);
  assert.throws(() => resourcePath(NAMESPACES, { namespace: "desk", name: "desk" }), /cluster-scoped/);
});
