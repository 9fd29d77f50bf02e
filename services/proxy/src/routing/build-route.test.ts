import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session, SessionStatus } from "@carrel/api";
import type { Pod } from "@carrel/kube";
import { buildRoute } from "./build-route.ts";
import { DeskPods } from "./desk-pods.ts";
import { addressPolicy, usableAddress } from "./pod-address.ts";
import { endReasonOf, isOver } from "./route.ts";

const policy = addressPolicy(["10.96.0.0/12", "fd00:1::/108"]);

const session = (status: SessionStatus = {}, spec: Partial<Session["spec"]> = {}): Session => ({
  apiVersion: "carrel.dev/v1alpha1",
  kind: "Session",
  metadata: { name: "s1", uid: "u1", resourceVersion: "7" },
  spec: {
    tenant: "acme",
    template: { name: "t", uid: "t1", generation: 1 },
    user: { id: "ada" },
    parameters: {},
    requestDigest: "d",
    workspace: "w1",
    expiresAt: "2030-01-01T00:00:00Z",
    deadlineAt: "2030-01-01T08:00:00Z",
    startDeadlineAt: "2029-01-01T00:00:00Z",
    ...spec,
  },
  status,
});

function pod(uid: string, change: Partial<NonNullable<Pod["status"]>> = {}, spec: object = {}): Pod {
  return {
    metadata: { name: "desk", namespace: "w1", uid },
    spec: { containers: [], ...spec },
    status: { phase: "Running", podIP: "10.0.0.5", conditions: [{ type: "Ready", status: "True" }], ...change },
  };
}

const named = { pod: { namespace: "w1", name: "desk", uid: "p1" } };

test("a route has an address only while the named pod has one that is its own", () => {
  const address = (status: SessionStatus, knowledge: Parameters<typeof buildRoute>[1]) =>
    buildRoute(session(status), knowledge, policy).pod?.address;
  const good = { pod: pod("p1"), gone: false, addressIsUnique: true };
  assert.equal(address(named, good), "10.0.0.5");
  assert.equal(address({}, good), undefined);
  assert.equal(address(named, { ...good, pod: pod("p2") }), undefined, "another pod of the name");
  assert.equal(address(named, { ...good, pod: undefined }), undefined);
  assert.equal(address(named, { ...good, addressIsUnique: false }), undefined);
  assert.equal(address(named, { ...good, gone: true }), undefined);
  assert.equal(buildRoute(session(named), { ...good, gone: true }, policy).pod?.gone, true);
});

test("a pod is usable when it runs, is ready, stays, and its address is a pod's", () => {
  assert.equal(usableAddress(pod("p"), policy), "10.0.0.5");
  assert.equal(usableAddress(pod("p", { podIP: "fd00:2::5" }), policy), "fd00:2::5");
  const refused = [
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1",
    "::ffff:127.0.0.1",
    "10.96.0.1",
    "fd00:1::1",
    "",
    "desk.local",
    "10.0.0.5 ",
  ];
  for (const podIP of refused) assert.equal(usableAddress(pod("p", { podIP }), policy), undefined, podIP);
  assert.equal(usableAddress(pod("p", {}, { hostNetwork: true }), policy), undefined);
  assert.equal(usableAddress(pod("p", { phase: "Pending" }), policy), undefined);
  assert.equal(usableAddress(pod("p", { conditions: [{ type: "Ready", status: "False" }] }), policy), undefined);
  assert.equal(usableAddress(pod("p", { conditions: [] }), policy), undefined);
  const leaving = pod("p");
  assert.equal(
    usableAddress({ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: "2030-01-01T00:00:00Z" } }, policy),
    undefined,
  );
  assert.throws(() => addressPolicy(["10.0.0.0"]), TypeError);
});

test("access is closed by the phase, the wish for an end, or a deletion, and by the clock", () => {
  const nothing = { pod: undefined, gone: false, addressIsUnique: false };
  const closed = (status: SessionStatus, spec: Partial<Session["spec"]> = {}) =>
    buildRoute(session(status, spec), nothing, policy).closed;
  assert.equal(closed({ phase: "Ready" }), false);
  assert.equal(closed({ phase: "Ending" }), true);
  assert.equal(closed({ phase: "Ended" }), true);
  const end = { reason: "EndedByTenant", at: "2029-01-01T00:00:00Z", by: "tenant" } as const;
  assert.equal(closed({ phase: "Ready" }, { end }), true);
  assert.equal(endReasonOf(buildRoute(session({}, { end }), nothing, policy)), "EndedByTenant");
  const deleted = session({ phase: "Ready" });
  const metadata = { ...deleted.metadata, deletionTimestamp: "2029-01-01T00:00:00Z" };
  assert.equal(buildRoute({ ...deleted, metadata }, nothing, policy).closed, true);
  const route = buildRoute(session(), nothing, policy);
  assert.equal(isOver(route, Date.parse("2029-12-31T23:59:59.999Z")), false);
  assert.equal(isOver(route, Date.parse("2030-01-01T00:00:00Z")), true);
  assert.equal(route.phase, "Provisioning", "a Session without status has just begun");
  assert.equal(isOver(buildRoute(session({}, { expiresAt: "soon" }), nothing, policy), 0), true, "unreadable: closed");
});

test("two pods with one address: neither is served, until one gives it up", () => {
  const pods = new DeskPods();
  assert.deepEqual(pods.set(pod("p1")), ["p1"]);
  assert.equal(pods.knowledgeOf("p1").addressIsUnique, true);
  assert.deepEqual(pods.set(pod("p2")).toSorted(), ["p1", "p2"]);
  assert.equal(pods.knowledgeOf("p1").addressIsUnique, false);
  assert.equal(pods.knowledgeOf("p2").addressIsUnique, false);
  assert.equal(pods.isAlone(pod("p3")), false);
  assert.deepEqual(pods.set(pod("p1", { phase: "Succeeded" })).toSorted(), ["p1", "p2"]);
  assert.equal(pods.knowledgeOf("p2").addressIsUnique, true);
  assert.deepEqual(pods.remove(pod("p2")), ["p2"]);
  assert.equal(pods.knowledgeOf("p2").gone, true);
  assert.equal(pods.knowledgeOf("p9").gone, false, "never seen is not gone");
});
