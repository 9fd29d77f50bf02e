import assert from "node:assert/strict";
import { test } from "node:test";
import { readHead, type RequestHead } from "../request/request-head.ts";
import { forwardedFor, headerText, podHeaders, type ForwardFacts } from "./pod-headers.ts";

const facts: ForwardFacts = {
  forwardedFor: "203.0.113.7",
  scheme: "https",
  port: 443,
  session: "s1",
  role: "owner",
  requestId: "r1",
  passAuthorization: false,
  identity: {
    via: "cookie",
    session: "s1",
    sessionUid: "u1",
    subject: "ada",
    tenant: "acme",
    keyId: "k1",
    authenticatedAtMs: 0,
  },
};

function sent(headers: readonly string[], change: Partial<ForwardFacts> = {}): Map<string, string[]> {
  const head = readHead({
    method: "GET",
    target: "/",
    httpVersion: "1.1",
    rawHeaders: ["Host", "h.example", ...headers],
    upgrade: false,
  }) as RequestHead;
  const result = podHeaders(head, { ...facts, ...change });
  const map = new Map<string, string[]>();
  for (let index = 0; index < result.length; index += 2) {
    const name = (result[index] ?? "").toLowerCase();
    map.set(name, [...(map.get(name) ?? []), result[index + 1] ?? ""]);
  }
  return map;
}

test("what only the proxy may say is dropped, in every spelling, and said by the proxy", () => {
  const forged = [
    "X-Carrel-User",
    "x-carrel-user",
    "X_Carrel_User",
    "X.Carrel.User",
    "X-Carrel_User",
    "X-Carrel-Anything",
    "Forwarded",
    "X-Forwarded-For",
    "X_Forwarded_For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Real-IP",
    "X_Real_IP",
  ];
  const result = sent(forged.flatMap((name) => [name, "eve"]));
  assert.equal(JSON.stringify([...result.values()]).includes("eve"), false);
  assert.deepEqual(result.get("x-carrel-user"), ["ada"]);
  assert.deepEqual(result.get("x-carrel-tenant"), ["acme"]);
  assert.deepEqual(result.get("x-carrel-role"), ["owner"]);
  assert.deepEqual(result.get("x-forwarded-for"), ["203.0.113.7"]);
  assert.deepEqual(result.get("x-forwarded-proto"), ["https"]);
  assert.deepEqual(result.get("x-forwarded-host"), ["h.example"]);
  assert.deepEqual(result.get("x-forwarded-port"), ["443"]);
  assert.deepEqual(result.get("via"), ["1.1 carrel"]);
  assert.equal(result.has("x-carrel-anything"), false);
});

test("an anonymous visitor has no user", () => {
  const { identity: _identity, ...anonymous } = facts;
  const head = readHead({
    method: "GET",
    target: "/",
    httpVersion: "1.1",
    rawHeaders: ["Host", "h.example", "X-Carrel-User", "eve"],
    upgrade: false,
  }) as RequestHead;
  assert.equal(podHeaders(head, { ...anonymous, role: "public" }).includes("X-Carrel-User"), false);
});

test("hop-by-hop headers stay here, with whatever Connection names; it can name neither ours nor the message's own", () => {
  const result = sent([
    "Connection",
    "close, X-Once, X-Carrel-User, Content-Type, Host, X-Forwarded-For",
    "X-Once",
    "1",
    "Keep-Alive",
    "timeout=5",
    "Proxy-Authorization",
    "Basic x",
    "Proxy-Connection",
    "keep-alive",
    "TE",
    "trailers",
    "Trailer",
    "X-T",
    "Upgrade",
    "h2c",
    "Expect",
    "100-continue",
    "Content-Type",
    "text/plain",
    "X-Stays",
    "yes",
  ]);
  for (const gone of [
    "connection",
    "x-once",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
  ]) {
    assert.equal(result.has(gone), false, gone);
  }
  assert.deepEqual(result.get("content-type"), ["text/plain"]);
  assert.deepEqual(result.get("host"), ["h.example"]);
  assert.deepEqual(result.get("x-stays"), ["yes"]);
  assert.deepEqual(result.get("x-carrel-user"), ["ada"]);
  assert.deepEqual(result.get("x-forwarded-for"), ["203.0.113.7"]);
});

test("our credentials never reach a pod; the pod's own do", () => {
  const cookies = ["Cookie", "a[0]=x%20y; __Host-carrel=secret", "Cookie", "b=2"];
  assert.deepEqual(sent(cookies).get("cookie"), ["a[0]=x%20y; b=2"]);
  assert.equal(sent(["Cookie", "__Host-carrel=secret"]).has("cookie"), false);
  assert.equal(sent(["Authorization", "Bearer ours"]).has("authorization"), false);
  assert.deepEqual(sent(["Authorization", "token x"], { passAuthorization: true }).get("authorization"), ["token x"]);
  assert.deepEqual(sent(["Sec-WebSocket-Protocol", "a,carrel.bearer.x, b"]).get("sec-websocket-protocol"), ["a, b"]);
  assert.equal(sent(["Sec-WebSocket-Protocol", "carrel.bearer.x"]).has("sec-websocket-protocol"), false);
});

test("user ids are header values, whatever they are", () => {
  assert.equal(headerText("ada@example.org"), "ada@example.org");
  assert.equal(headerText("Ada Łovelace"), "Ada%20%C5%81ovelace");
  assert.equal(headerText("100%"), "100%25");
  assert.equal(headerText("a\r\nX-Evil: 1"), "a%0D%0AX-Evil%3A%201");
});

test("X-Forwarded-For: only trusted hops are believed", () => {
  assert.equal(forwardedFor("10.0.0.1", undefined, 0), "10.0.0.1");
  assert.equal(forwardedFor("10.0.0.1", "6.6.6.6", 0), "10.0.0.1");
  assert.equal(forwardedFor("10.0.0.1", "6.6.6.6, 203.0.113.7", 1), "203.0.113.7, 10.0.0.1");
  assert.equal(forwardedFor("10.0.0.1", "6.6.6.6,203.0.113.7,10.0.0.9", 2), "203.0.113.7, 10.0.0.9, 10.0.0.1");
  assert.equal(forwardedFor("10.0.0.1", undefined, 2), "10.0.0.1");
});
