import assert from "node:assert/strict";
import { test } from "node:test";
import { isHeadProblem } from "./head-problem.ts";
import { readHead, type RawRequest, type RequestHead } from "./request-head.ts";

const host = ["Host", "h.example"];
const raw = (change: Partial<RawRequest> = {}): RawRequest => ({
  method: "GET",
  target: "/",
  httpVersion: "1.1",
  rawHeaders: host,
  upgrade: false,
  ...change,
});

function head(change: Partial<RawRequest> = {}): RequestHead {
  const read = readHead(raw(change));
  assert.equal(isHeadProblem(read), false, JSON.stringify(read));
  return read as RequestHead;
}

const statusOf = (change: Partial<RawRequest>): number => {
  const read = readHead(raw(change));
  return isHeadProblem(read) ? read.status : 0;
};

const handshake = [...host, "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="];

test("what the parser lets through although it is ambiguous is refused", () => {
  const cases: [string, number, Partial<RawRequest>][] = [
    ["no Host", 400, { rawHeaders: [], httpVersion: "1.0" }],
    ["empty Host", 400, { rawHeaders: ["Host", ""] }],
    ["two Hosts", 400, { rawHeaders: [...host, "host", "other"] }],
    ["two equal Hosts", 400, { rawHeaders: [...host, ...host] }],
    ["two Authorizations", 400, { rawHeaders: [...host, "Authorization", "a", "authorization", "b"] }],
    ["two Origins", 400, { rawHeaders: [...host, "Origin", "a", "Origin", "b"] }],
    ["absolute target", 400, { target: "http://h.example/" }],
    ["OPTIONS *", 400, { method: "OPTIONS", target: "*" }],
    ["authority target", 400, { target: "h.example:80" }],
    ["fragment", 400, { target: "/a#b" }],
    ["backslash", 400, { target: "/a\\b" }],
    ["TRACE", 405, { method: "TRACE" }],
    ["gzip, chunked", 501, { rawHeaders: [...host, "Transfer-Encoding", "gzip, chunked"] }],
    ["identity", 501, { rawHeaders: [...host, "Transfer-Encoding", "identity"] }],
    ["chunked on 1.0", 400, { httpVersion: "1.0", rawHeaders: [...host, "Transfer-Encoding", "chunked"] }],
    ["our own Via", 508, { rawHeaders: [...host, "Via", "1.0 other, 1.1 carrel"] }],
    ["201 headers", 431, { rawHeaders: [...host, ...Array.from({ length: 400 }, (_, i) => (i % 2 ? "v" : "X-A"))] }],
    ["upgrade, old version", 426, { upgrade: true, rawHeaders: handshake.with(3, "8") }],
    [
      "upgrade, no version",
      426,
      { upgrade: true, rawHeaders: [...host, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="] },
    ],
    ["upgrade, short key", 400, { upgrade: true, rawHeaders: handshake.with(5, "dGhl") }],
    ["upgrade, two keys", 400, { upgrade: true, rawHeaders: [...handshake, "Sec-WebSocket-Key", "x"] }],
    ["upgrade with a body", 400, { upgrade: true, rawHeaders: [...handshake, "Content-Length", "3"] }],
    ["upgrade, chunked", 400, { upgrade: true, rawHeaders: [...handshake, "Transfer-Encoding", "chunked"] }],
  ];
  for (const [name, status, change] of cases) assert.equal(statusOf(change), status, name);
});

test("what is odd but clear passes", () => {
  const cases: Partial<RawRequest>[] = [
    { httpVersion: "1.0" },
    { target: "//double//slash" },
    { target: "/a?b=c?d" },
    { rawHeaders: [...host, "Via", "1.1 carrel-like, 1.1 x.carrel"] },
    { rawHeaders: [...host, "Transfer-Encoding", "Chunked"], method: "POST" },
    { rawHeaders: [...host, ...Array.from({ length: 398 }, (_, i) => (i % 2 ? "v" : "X-A"))] },
    { upgrade: true, rawHeaders: [...handshake, "Content-Length", "0"] },
  ];
  for (const change of cases) assert.equal(statusOf(change), 0, JSON.stringify(change));
});

test("the kind: what the client does with the answer", () => {
  const kind = (method: string, ...headers: string[]) => head({ method, rawHeaders: [...host, ...headers] }).kind;
  assert.equal(kind("GET"), "fetch");
  assert.equal(kind("GET", "Accept", "text/html,*/*"), "navigation");
  assert.equal(kind("GET", "Accept", "text/html", "Sec-Fetch-Mode", "cors"), "fetch");
  assert.equal(kind("GET", "Accept", "*/*", "Sec-Fetch-Mode", "navigate"), "navigation");
  assert.equal(kind("POST", "Accept", "text/html"), "fetch");
  assert.equal(kind("POST", "Accept", "text/html", "Sec-Fetch-Mode", "navigate"), "navigation");
  assert.equal(kind("GET", "Accept", "text/event-stream", "Sec-Fetch-Mode", "cors"), "events");
  assert.equal(head({ upgrade: true, rawHeaders: [...handshake, "Accept", "text/html"] }).kind, "websocket");
});

test("credentials are sorted out", () => {
  const read = head({
    target: "/a?x=1&carrel_token=t",
    upgrade: true,
    rawHeaders: [
      ...handshake,
      "Cookie",
      "a[0]=1; __Host-carrel=one;b=2",
      "Authorization",
      "Bearer x",
      "Cookie",
      "__Host-carrel=two; c=3",
      "Sec-WebSocket-Protocol",
      "v1, carrel.bearer.tok",
      "Sec-WebSocket-Protocol",
      "v2",
    ],
  });
  assert.equal(read.podTarget, "/a?x=1");
  assert.equal(read.queryToken, "t");
  assert.deepEqual(read.cookies, ["one", "two"]);
  assert.equal(read.otherCookies, "a[0]=1;b=2; c=3");
  assert.equal(read.subprotocolToken, "tok");
  assert.deepEqual(read.otherSubprotocols, ["v1", "v2"]);
});

test("at most four cookies of our name are looked at, and all are taken out", () => {
  const cookies = Array.from({ length: 9 }, (_, index) => `__Host-carrel=${index}`).join("; ");
  const read = head({ rawHeaders: [...host, "Cookie", `x=1; ${cookies}; __Host-carrels=keep`] });
  assert.deepEqual(read.cookies, ["0", "1", "2", "3"]);
  assert.equal(read.otherCookies, "x=1; __Host-carrels=keep");
});

test("a prefetch is told from a person", () => {
  assert.equal(head({ rawHeaders: [...host, "Sec-Purpose", "prefetch;prerender"] }).prefetch, true);
  assert.equal(head({ rawHeaders: [...host, "Purpose", "prefetch"] }).prefetch, true);
  assert.equal(head().prefetch, false);
});
