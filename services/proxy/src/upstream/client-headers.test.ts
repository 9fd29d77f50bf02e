import assert from "node:assert/strict";
import { test } from "node:test";
import { clientHeaders, isEventStream } from "./client-headers.ts";

const host = "sabcdefghijklmnopqrst.carrel.localhost";

test("cookies: repeated ones stay apart, ours and those for other hosts do not pass", () => {
  const cookies = [
    "a=1; Path=/",
    `b=2; Domain=${host}; Secure`,
    "c=3; Domain=.carrel.localhost; HttpOnly",
    "d=4; domain = carrel.localhost",
    "e=5; DOMAIN=other.example;Domain=carrel.localhost",
    "__Host-carrel=forged; Path=/; Secure",
    "__host-CARREL=forged",
    " __Host-carrel =forged",
    "f=domain; Path=/",
  ];
  const result = clientHeaders(
    cookies.flatMap((cookie) => ["Set-Cookie", cookie]),
    host,
  );
  assert.deepEqual(
    result.filter((_, index) => index % 2 === 1),
    ["a=1; Path=/", `b=2; Domain=${host}; Secure`, "c=3; HttpOnly", "d=4", "e=5", "f=domain; Path=/"],
  );
});

test("what is for one connection, leads around the proxy, or clears siblings does not pass", () => {
  const result = clientHeaders(
    [
      "Connection",
      "keep-alive, X-Once, Set-Cookie, Content-Length",
      "X-Once",
      "1",
      "Keep-Alive",
      "timeout=5",
      "Transfer-Encoding",
      "chunked",
      "Trailer",
      "X-T",
      "Alt-Svc",
      'h3=":443"',
      "Clear-Site-Data",
      '"cache", "cookies"',
      "Clear-Site-Data",
      '"*"',
      "Clear-Site-Data",
      '"storage"',
      "Set-Cookie",
      "a=1",
      "Content-Length",
      "3",
      "Content-Security-Policy",
      "default-src *",
      "X-Frame-Options",
      "DENY",
    ],
    host,
  );
  assert.deepEqual(result, [
    "Clear-Site-Data",
    '"storage"',
    "Set-Cookie",
    "a=1",
    "Content-Length",
    "3",
    "Content-Security-Policy",
    "default-src *",
    "X-Frame-Options",
    "DENY",
  ]);
});

test("an event stream is known by its type", () => {
  assert.equal(isEventStream(["content-type", "text/event-stream; charset=utf-8"]), true);
  assert.equal(isEventStream(["Content-Type", "text/html"]), false);
  assert.equal(isEventStream([]), false);
});
