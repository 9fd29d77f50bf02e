import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerState, ContainerStatus, Pod, PodStatus } from "@carrel/kube";
import { observeDesk } from "./observe-desk.ts";

const pod = (status?: PodStatus): Pod => ({
  metadata: { name: "desk" },
  spec: { containers: [] },
  ...(status === undefined ? {} : { status }),
});

function waiting(name: string, reason: string, message?: string): ContainerStatus {
  const state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  return { name, ready: false, restartCount: 0, image: "", imageID: "", state };
}

function container(name: string, state: ContainerState, lastState?: ContainerState): ContainerStatus {
  const last = lastState === undefined ? {} : { lastState };
  return { name, ready: false, restartCount: 0, image: "", imageID: "", state, ...last };
}

test("ready is what the kubelet's readiness says, whatever containers waited for before", () => {
  const status: PodStatus = {
    conditions: [
      { type: "PodScheduled", status: "True" },
      { type: "Ready", status: "True" },
    ],
    containerStatuses: [waiting("main", "CrashLoopBackOff")],
  };
  assert.deepEqual(observeDesk(pod(status), false), { ready: true, reason: "Ready", message: "the endpoints answer" });
});

test("a start is told from a relapse, also while there is no pod", () => {
  const cases = [
    [undefined, "the workspace pod does not exist"],
    [pod(), "the workspace pod is Pending"],
    [pod({ phase: "Running", conditions: [{ type: "Ready", status: "False" }] }), "the workspace pod is Running"],
    [pod({ conditions: [{ type: "Ready", status: "Unknown" }] }), "the workspace pod is Pending"],
  ] as const;
  for (const [desk, message] of cases) {
    assert.deepEqual(observeDesk(desk, false), { ready: false, reason: "PodStarting", message });
    assert.deepEqual(observeDesk(desk, true), { ready: false, reason: "PodNotReady", message });
  }
});

test("a pod that no node takes keeps the scheduler's words", () => {
  const unschedulable = (message?: string): PodStatus => ({
    conditions: [{ type: "PodScheduled", status: "False", ...(message === undefined ? {} : { message }) }],
  });
  assert.deepEqual(observeDesk(pod(unschedulable("0/3 nodes are available")), false), {
    ready: false,
    reason: "PodUnschedulable",
    message: "0/3 nodes are available",
  });
  assert.equal(observeDesk(pod(unschedulable()), true).message, "no node can take the pod");
});

test("a container that cannot start is named, init containers first; ordinary waiting is no failure", () => {
  const initContainerStatuses = [waiting("prepare", "ImagePullBackOff", "no such image")];
  const containerStatuses = [waiting("main", "PodInitializing"), waiting("side", "CreateContainerConfigError")];
  const unpulled = observeDesk(pod({ initContainerStatuses, containerStatuses }), false);
  assert.deepEqual([unpulled.ready, unpulled.reason], [false, "ImagePullFailed"]);
  assert.match(unpulled.message, /container prepare: ImagePullBackOff: no such image$/);
  assert.deepEqual(observeDesk(pod({ containerStatuses }), true), {
    ready: false,
    reason: "ContainerFailed",
    message: "container side: CreateContainerConfigError",
  });
  const ordinary = [waiting("main", "PodInitializing"), waiting("side", "ContainerCreating")];
  assert.equal(observeDesk(pod({ containerStatuses: ordinary }), false).reason, "PodStarting");
});

test("an init container that failed is told, with its exit code and last words", () => {
  const ended = { terminated: { exitCode: 3, reason: "Error", message: "no such course\n" } };
  const now = observeDesk(pod({ initContainerStatuses: [container("fetch", ended)] }), false);
  assert.deepEqual(now, {
    ready: false,
    reason: "ContainerFailed",
    message: "init container fetch ended with exit code 3: no such course",
  });
  const backOff = { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } };
  const later = observeDesk(pod({ initContainerStatuses: [container("fetch", backOff, ended)] }), false);
  assert.equal(later.reason, "ContainerFailed");
  assert.equal(later.message, "init container fetch: CrashLoopBackOff: ended with exit code 3: no such course");
});

test("one that ended well is no failure", () => {
  const status: PodStatus = {
    phase: "Pending",
    initContainerStatuses: [container("fetch", { terminated: { exitCode: 0, reason: "Completed" } })],
    containerStatuses: [container("desk", { waiting: { reason: "PodInitializing" } })],
  };
  assert.equal(observeDesk(pod(status), false).reason, "PodStarting");
  assert.equal(observeDesk(pod(status), true).reason, "PodNotReady");
});

test("a container that was killed says so", () => {
  const killed = { terminated: { exitCode: 137, reason: "OOMKilled" } };
  const seen = observeDesk(pod({ containerStatuses: [container("main", killed)] }), true);
  assert.equal(seen.message, "container main ended with exit code 137 (OOMKilled)");
});
