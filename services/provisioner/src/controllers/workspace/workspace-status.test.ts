import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadyReason, Workspace, WorkspaceStatus } from "@carrel/api";
import type { Namespace, Pod } from "@carrel/kube";
import { aWorkspace, stored } from "@carrel/testkit";
import { planWorkspaceStatus, type WorkspaceObservation } from "./workspace-status.ts";

const AT = Date.UTC(2030, 0, 1);
const namespace = (name: string): Namespace => ({ metadata: { name, uid: `uid-of-${name}` } });
const pod = (uid: string): Pod => ({ metadata: { name: "desk", namespace: "w1", uid }, spec: { containers: [] } });
const seen = (given: Partial<WorkspaceObservation> = {}): WorkspaceObservation => ({
  ready: true,
  reason: "Ready",
  message: "the endpoints answer",
  namespaces: [namespace("w1"), namespace("w1-db")],
  pod: pod("p1"),
  claiming: false,
  ...given,
});
const notReady = (reason: ReadyReason, given: Partial<WorkspaceObservation> = {}): WorkspaceObservation =>
  seen({ ready: false, reason, message: `because of ${reason}`, ...given });

const workspace = (status?: WorkspaceStatus, generation = 1): Workspace =>
  stored(aWorkspace({ metadata: { name: "w1", generation }, ...(status === undefined ? {} : { status }) }));
/** The Workspace after the statuses of these observations were written, those that are worth it. */
function after(observations: readonly WorkspaceObservation[], from = workspace()): Workspace {
  return observations.reduce((current, observation) => {
    const status = planWorkspaceStatus(current, observation, AT);
    return status === undefined ? current : { ...current, status };
  }, from);
}
const condition = ({ status }: Workspace): unknown[] => {
  const [ready] = status?.conditions ?? [];
  return [ready?.status, ready?.reason, ready?.observedGeneration];
};

test("the ordinary steps of a start are not worth a write", () => {
  for (const reason of ["Creating", "PodStarting"] as const) {
    assert.equal(planWorkspaceStatus(workspace(), notReady(reason), AT), undefined, reason);
  }
});

test("Ready tells every namespace with its UID, the pod, and when", () => {
  const status = planWorkspaceStatus(workspace(), seen(), AT);
  assert.deepEqual(status?.namespaces, [
    { name: "w1", uid: "uid-of-w1" },
    { name: "w1-db", uid: "uid-of-w1-db" },
  ]);
  assert.deepEqual(status?.pod, { namespace: "w1", name: "desk", uid: "p1" });
  assert.deepEqual(
    [status?.phase, status?.readyAt, status?.observedGeneration],
    ["Ready", "2030-01-01T00:00:00.000Z", 1],
  );
});

test("what is already written is not written again", () => {
  const ready = after([seen()]);
  assert.equal(planWorkspaceStatus(ready, seen(), AT + 5_000), undefined);
  assert.notEqual(planWorkspaceStatus(ready, seen({ pod: pod("p2") }), AT), undefined);
  const failed = after([notReady("ImagePullFailed")]);
  assert.equal(planWorkspaceStatus(failed, notReady("ImagePullFailed"), AT), undefined);
});

test("a cause is told, and so is its end", () => {
  const failed = after([notReady("ImagePullFailed")]);
  assert.deepEqual([failed.status?.phase, ...condition(failed)], ["Provisioning", "False", "ImagePullFailed", 1]);
  assert.deepEqual(condition(after([notReady("PodStarting")], failed)), ["False", "PodStarting", 1]);
});

test("a Workspace that was Ready stays in that phase; a relapse is told", () => {
  const relapsed = after([seen(), notReady("PodNotReady")]);
  assert.deepEqual([relapsed.status?.phase, ...condition(relapsed)], ["Ready", "False", "PodNotReady", 1]);
  assert.equal(relapsed.status?.readyAt, "2030-01-01T00:00:00.000Z");
});

test("after a claim the observed generation moves when all that it asks for is done, and once", () => {
  const spare = after([seen()]);
  const claimed = { ...spare, metadata: { ...spare.metadata, generation: 2 } };
  const meanwhile = after([notReady("Claimed", { claiming: true })], claimed);
  assert.deepEqual(condition(meanwhile), ["False", "Claimed", 1]);
  assert.equal(planWorkspaceStatus(meanwhile, notReady("Claimed", { claiming: true }), AT), undefined);
  const done = after([seen()], meanwhile);
  assert.deepEqual(condition(done), ["True", "Ready", 2]);
  assert.equal(planWorkspaceStatus(done, seen(), AT), undefined);
  assert.deepEqual(condition(after([seen()], claimed)), ["True", "Ready", 2], "at once, without a word in between");
});

test("a namespace that was made once is never left out again", () => {
  const refused = after([notReady("ObjectRefused", { namespaces: [namespace("w1-db")] })]);
  const later = after([notReady("NameTaken", { namespaces: [namespace("w1")] })], refused);
  assert.deepEqual(
    later.status?.namespaces?.map(({ name }) => name),
    ["w1-db", "w1"],
  );
});

test("what becomes of objects is told while they are waited for", () => {
  const objects = (state: "Waiting" | "Ready"): Pick<WorkspaceStatus, "objects" | "outputs"> => ({
    objects: ["a", "b"].map((name, index) => ({
      name,
      apiVersion: "v1",
      kind: "ConfigMap",
      object: name,
      state: index === 0 ? state : "Waiting",
    })),
    outputs: {},
  });
  const waiting = after([notReady("WaitingForObjects", { objects: objects("Waiting") })]);
  assert.equal(
    planWorkspaceStatus(waiting, notReady("WaitingForObjects", { objects: objects("Waiting") }), AT),
    undefined,
  );
  const further = planWorkspaceStatus(waiting, notReady("WaitingForObjects", { objects: objects("Ready") }), AT);
  assert.equal(further?.objects?.[0]?.state, "Ready");
});
