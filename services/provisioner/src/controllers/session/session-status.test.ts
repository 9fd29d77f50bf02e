import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionStatusSchema, type WorkspaceStatus } from "@carrel/api";
import { aSession, aSessionTemplate, aWorkspace, stored } from "@carrel/testkit";
import { planQueuedStatus, planSessionStatus, planStartingStatus } from "./session-status.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const urls = {
  endpoint: (session: string, name: string) => ({ host: `${name}.${session}`, url: `https://${name}.${session}/` }),
};
const session = stored(aSession({ nowMs: NOW }));

const ready = (observedGeneration = 1): WorkspaceStatus => ({
  phase: "Ready",
  pod: { namespace: "w", name: "desk", uid: "p" },
  conditions: [
    {
      type: "Ready",
      status: "True",
      reason: "Ready",
      message: "",
      observedGeneration,
      lastTransitionTime: "2026-01-01T12:00:00Z",
    },
  ],
});

function workspaceOf(
  spec: NonNullable<Parameters<typeof aSessionTemplate>[0]>["spec"],
  status?: WorkspaceStatus,
  generation = 1,
) {
  const template = { name: "t", uid: "u", generation: 1, spec: aSessionTemplate({ spec: spec ?? {} }).spec };
  const variables = { "session.name": session.metadata.name, "user.id": "ada" };
  const made = aWorkspace({ session, spec: { template, variables }, metadata: { generation } });
  return stored({ ...made, ...(status === undefined ? {} : { status }) });
}

test("that a session has begun is not worth a write; that it is stuck, or has left the line, is", () => {
  assert.equal(planSessionStatus(session, workspaceOf({}), urls, NOW), undefined);
  const stuck: WorkspaceStatus = {
    phase: "Provisioning",
    conditions: [
      {
        type: "Ready",
        status: "False",
        reason: "ImagePullFailed",
        message: "no",
        lastTransitionTime: "2026-01-01T12:00:00Z",
      },
    ],
  };
  assert.equal(planSessionStatus(session, workspaceOf({}, stuck), urls, NOW)?.phase, "Provisioning");
  const queued = { ...session, status: { phase: "Queued" as const, queue: { position: 1 } } };
  const left = planSessionStatus(queued, workspaceOf({}), urls, NOW);
  assert.equal(left?.phase, "Provisioning");
  assert.equal(JSON.stringify(left?.queue), "null", "a merge patch deletes by null");
  assert.equal(JSON.stringify(planStartingStatus(queued, NOW).queue), "null");
});

test("ready with its entrances: every path of an endpoint, the longest first, and links with their values", () => {
  const spec = {
    endpoints: [
      { name: "main", port: 8080, title: "Desk" },
      { name: "main", port: 9000, path: "/api/" },
      { name: "docs", port: 8081, access: "public" as const },
    ],
    links: [{ title: "Help", url: "https://help.example.com/?user=$(user.id)" }],
  };
  const status = planSessionStatus(session, workspaceOf(spec, ready()), urls, NOW);
  const { name } = session.metadata;
  assert.deepEqual(status?.endpoints, [
    {
      name: "main",
      host: `main.${name}`,
      url: `https://main.${name}/api/`,
      path: "/api/",
      port: 9000,
      access: "owner",
    },
    { name: "main", title: "Desk", host: `main.${name}`, url: `https://main.${name}/`, port: 8080, access: "owner" },
    { name: "docs", host: `docs.${name}`, url: `https://docs.${name}/`, port: 8081, access: "public" },
  ]);
  assert.deepEqual(status?.links, [{ title: "Help", url: "https://help.example.com/?user=ada" }]);
  assert.deepEqual(sessionStatusSchema.parse(status), status);
  assert.equal(status?.readyAt, "2026-01-01T12:00:00.000Z");
});

test("what waits for the claim is waited for, and nothing else", () => {
  const object = (waits: boolean) => ({
    objects: [
      {
        name: "database",
        template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "$(user.id)" } },
        ...(waits ? { waitFor: { path: "data.ready" } } : {}),
      },
    ],
  });
  assert.equal(planSessionStatus(session, workspaceOf(object(false), ready(1), 2), urls, NOW)?.phase, "Ready");
  const claimed = planSessionStatus(session, workspaceOf(object(true), ready(1), 2), urls, NOW);
  assert.deepEqual([claimed?.phase, claimed?.conditions?.[0]?.reason], ["Provisioning", "Claimed"]);
  assert.equal(planSessionStatus(session, workspaceOf(object(true), ready(2), 2), urls, NOW)?.phase, "Ready");
});

test("nothing is written twice", () => {
  const status = planSessionStatus(session, workspaceOf({}, ready()), urls, NOW);
  assert.ok(status);
  assert.equal(planSessionStatus({ ...session, status }, workspaceOf({}, ready()), urls, NOW + 5_000), undefined);
});

test("a place in the line is told with an estimate, once", () => {
  const first = planQueuedStatus(session, { position: 12, startAtMs: NOW + 185_400 }, NOW);
  assert.deepEqual(first?.queue, { position: 12, estimatedStartAt: "2026-01-01T12:03:05.000Z" });
  assert.equal(first?.conditions?.[0]?.message, "Place 12 in the line, about 3 minutes to go");
  assert.ok(first);
  const told = { ...session, status: first };
  assert.equal(planQueuedStatus(told, { position: 12, startAtMs: NOW + 185_400 }, NOW), undefined);
  assert.equal(planQueuedStatus(told, { position: 11 }, NOW)?.queue?.position, 11);
});
