import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "@carrel/std";
import { aRoute, SESSION, SESSION_UID } from "../testing/a-route.ts";
import { Cutter } from "./cutter.ts";
import { StreamIndex } from "./stream-index.ts";
import type { Stream } from "./stream.ts";

test("a stream that takes its time to close does not make the expiry timer spin", async () => {
  let nowMs = 1000;
  let sleeps = 0;
  const wakes: (() => void)[] = [];
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: () => {
      sleeps += 1;
      return new Promise((resolve) => wakes.push(resolve));
    },
  };
  const route = aRoute(80, { expiresAtMs: 2000 });
  const index = new StreamIndex();
  let cuts = 0;
  using cutter = new Cutter({
    index,
    clock,
    isKeyCurrent: () => true,
    routes: { lookUp: () => route, readThrough: () => Promise.resolve(route), subscribe: () => () => undefined },
  });
  const authentication = {
    via: "cookie",
    session: SESSION,
    sessionUid: SESSION_UID,
    subject: "ada",
    tenant: "acme",
    keyId: "k1",
    authenticatedAtMs: 0,
  } as const;
  // Stays in the index after its cut, as a WebSocket does until the other side has answered the close.
  const stream: Stream = {
    kind: "websocket",
    session: SESSION,
    endpoint: "main",
    authentication,
    podUid: "pod-1",
    cut: () => void (cuts += 1),
  };
  cutter.watch(stream, route);
  nowMs = 2000;
  for (let round = 0; round < 5; round++) {
    for (const wake of wakes.splice(0)) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(cuts, 1);
  assert.equal(sleeps, 1);
});
