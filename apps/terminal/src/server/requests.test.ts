import assert from "node:assert/strict";
import { test } from "node:test";
import { isSameOrigin } from "./same-origin.ts";
import { readUpgradeRequest } from "./upgrade-request.ts";

test("same origin: host and port, whatever the scheme and case", () => {
  assert.ok(isSameOrigin(undefined, "a.example"));
  assert.ok(isSameOrigin("https://a.example", "A.Example"));
  assert.ok(isSameOrigin("http://localhost:8080", "localhost:8080"));
  for (const [origin, host] of [
    ["https://b.example", "a.example"],
    ["https://a.example.evil.example", "a.example"],
    ["https://a.example:8443", "a.example"],
    ["null", "a.example"],
    ["", "a.example"],
    ["https://a.example", undefined],
  ] as const) {
    assert.ok(!isSameOrigin(origin, host), `${origin} ${host}`);
  }
});

test("upgrade requests: path, origin, id and size", () => {
  const read = (url: string, headers = {}) => readUpgradeRequest({ url, headers: { host: "h", ...headers } });
  assert.deepEqual(read("/ws"), { id: "1", size: { cols: 80, rows: 24 } });
  assert.deepEqual(read("/ws?id=b&cols=100&rows=9999"), { id: "b", size: { cols: 100, rows: 500 } });
  assert.deepEqual(read("/ws?cols=x"), { id: "1", size: { cols: 80, rows: 24 } });
  assert.deepEqual(read("/ws?id=%2e%2e"), { refused: 400 });
  assert.deepEqual(read("/ws/"), { refused: 404 });
  assert.deepEqual(read("/ws", { origin: "https://x.example" }), { refused: 403 });
});
