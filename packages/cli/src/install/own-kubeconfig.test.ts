import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterPaths } from "@carrel/cluster";
import { environment } from "../environment.ts";
import { ownKubeconfig } from "./ensure-cluster.ts";

test("the kubeconfig that up prints does not make its own cluster somebody else's", (t) => {
  const { kubeconfig } = clusterPaths("carrel");
  const given = t.mock.method(environment, "kubeconfig", (): string | undefined => kubeconfig);
  assert.equal(ownKubeconfig("carrel"), undefined);
  assert.equal(ownKubeconfig("another"), kubeconfig);
  given.mock.mockImplementation(() => "/home/ada/.kube/config");
  assert.equal(ownKubeconfig("carrel"), "/home/ada/.kube/config");
  given.mock.mockImplementation(() => undefined);
  assert.equal(ownKubeconfig("carrel"), undefined);
});
