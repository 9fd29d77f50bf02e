import assert from "node:assert/strict";
import { test } from "node:test";
import type { Authentication } from "../auth/identity.ts";
import type { Route } from "../routing/route.ts";
import { aRoute, SESSION, SESSION_UID } from "../testing/a-route.ts";
import type { StreamFacts } from "./stream.ts";
import { streamVerdict } from "./stream-verdict.ts";

const now = 1_800_000_000_000;
const ada: Authentication = {
  via: "cookie",
  session: SESSION,
  sessionUid: SESSION_UID,
  subject: "ada",
  tenant: "acme",
  keyId: "k1",
  authenticatedAtMs: now,
};
const stream: StreamFacts = { session: SESSION, endpoint: "main", authentication: ada, podUid: "pod-1" };
const visitor: StreamFacts = { ...stream, endpoint: "web", authentication: { via: "none" } };

function verdict(facts: StreamFacts, change: Partial<Route> | null = {}, keys = ["k1"]): string {
  const route = change === null ? undefined : aRoute(80, { expiresAtMs: now + 1, ...change });
  const cut = streamVerdict(facts, { route, nowMs: now, isKeyCurrent: (key) => keys.includes(key) });
  return cut === undefined ? "stays" : `${cut.cause} ${cut.reason}`.trim();
}

test("a stream stays while its right stays, whatever else changes", () => {
  for (const facts of [stream, visitor]) {
    assert.equal(verdict(facts), "stays");
    assert.equal(verdict(facts, { reason: "PodNotReady", message: "x" }), "stays");
    assert.equal(verdict(facts, { pod: { uid: "pod-1" } }), "stays", "not ready for a moment");
    assert.equal(verdict(facts, { expiresAtMs: now + 60_000 }), "stays", "extended");
  }
});

test("each end of a right cuts, and says why", () => {
  assert.equal(verdict(stream, null), "sessionEnded EndedByOperator");
  assert.equal(verdict(stream, { closed: true, endReason: "EndedByUser" }), "sessionEnded EndedByUser");
  assert.equal(verdict(stream, { expiresAtMs: now }), "sessionEnded Expired");
  assert.equal(verdict(stream, { sessionUid: "another" }), "sessionEnded EndedByOperator");
  assert.equal(verdict(stream, { revokedBeforeMs: now + 1 }), "revoked");
  assert.equal(verdict(stream, { revokedBeforeMs: now }), "stays");
  assert.equal(verdict(stream, {}, []), "revoked");
  assert.equal(verdict(stream, { endpoints: new Map() }), "accessLowered");
  assert.equal(verdict(stream, { pod: { uid: "pod-2", address: "127.0.0.1" } }), "drain");
  assert.equal(verdict(stream, { pod: { uid: "pod-1", gone: true } }), "podGone");
});

test("visitors: what concerns users does not concern them, a lowered level does", () => {
  assert.equal(verdict(visitor, { revokedBeforeMs: now + 1 }), "stays");
  assert.equal(verdict(visitor, {}, []), "stays");
  assert.equal(verdict(visitor, { endpoints: new Map([["web", { port: 80, access: "tenant" }]]) }), "accessLowered");
  assert.equal(verdict(visitor, { closed: true, endReason: "Expired" }), "sessionEnded Expired");
});

test("a level that lets the user in still is no reason", () => {
  for (const access of ["owner", "tenant", "public"] as const) {
    assert.equal(verdict(stream, { endpoints: new Map([["main", { port: 80, access }]]) }), "stays", access);
  }
  const eve: StreamFacts = { ...stream, endpoint: "team", authentication: { ...ada, subject: "eve" } };
  assert.equal(verdict(eve), "stays");
  assert.equal(verdict(eve, { endpoints: new Map([["team", { port: 80, access: "owner" }]]) }), "accessLowered");
});
