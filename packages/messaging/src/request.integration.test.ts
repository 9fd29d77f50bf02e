import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, PROVISIONER_QUEUE, subjects } from "@carrel/api";
import { hasCode, systemClock } from "@carrel/std";
import { eventually, startNatsServer } from "@carrel/testkit";
import { z } from "zod";
import { NoAnswerError, RemoteError } from "./errors.ts";
import type { Messaging } from "./messaging.ts";
import type { Served } from "./serve.ts";
import { connectedAs } from "./testing/connected.ts";

const accounts = { tenants: ["acme", "globex"] };
const GET = subjects.request("acme", "get");

function serveGet(messaging: Messaging, handle: () => Promise<object>): Promise<Served> {
  const subject = subjects.requests("get");
  return messaging.serve({ subject, queue: PROVISIONER_QUEUE, schema: z.strictObject({}), handle });
}

async function why(request: Promise<unknown>): Promise<{ readonly why: string; readonly afterMs: number }> {
  const start = performance.now();
  try {
    await request;
  } catch (error) {
    assert.ok(error instanceof NoAnswerError, String(error));
    assert.deepEqual([error.code, error.retryable], ["UNAVAILABLE", true]);
    return { why: error.why, afterMs: performance.now() - start };
  }
  return assert.fail("it was answered");
}

test("request and answer, errors with their code, retry hint and request id", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  let error: Error | undefined;
  await using _served = await serveGet(provisioner, async () => {
    if (error !== undefined) throw error;
    return { session: { name: "s1" } };
  });
  const answer = await acme.request<{ session: { name: string } }>(GET, {});
  assert.deepEqual(answer.session, { name: "s1" });
  assert.match(answer.requestId, /^[0-9a-f-]{36}$/);

  error = new ApiError("NO_CAPACITY", "full", { retryAfterMs: 1234 });
  await assert.rejects(acme.request(GET, {}), (thrown) => {
    assert.ok(thrown instanceof RemoteError);
    assert.deepEqual(
      [thrown.code, thrown.message, thrown.retryable, thrown.retryAfterMs],
      ["NO_CAPACITY", "full", true, 1234],
    );
    assert.match(thrown.requestId, /^[0-9a-f-]{36}$/);
    return true;
  });
});

test("without responders it fails at once", async () => {
  await using server = await startNatsServer({ accounts });
  await using acme = await connectedAs(server, "acme");
  const failed = await why(acme.request(GET, {}, { timeoutMs: 5000 }));
  assert.equal(failed.why, "no-responders");
  assert.ok(failed.afterMs < 1000, `${failed.afterMs} ms`);
});

test("a server that is killed mid-request: the caller knows at once, both sides come back", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const started = Promise.withResolvers<void>();
  await using _served = await serveGet(provisioner, async () => {
    started.resolve();
    await systemClock.sleep(200);
    return { fine: true };
  });
  assert.equal(acme.connected(), true);
  const failed = why(acme.request(GET, {}, { timeoutMs: 20_000 }));
  await started.promise;
  await server.kill();
  const { why: cause, afterMs } = await failed;
  assert.equal(cause, "disconnected");
  assert.ok(afterMs < 2000, `${afterMs} ms`);
  await eventually(() => assert.deepEqual([acme.connected(), provisioner.connected()], [false, false]));
  assert.equal((await why(acme.request(GET, {}))).why, "not-connected");
  assert.equal(acme.publishEvent(subjects.event("acme", "s", "x"), {}), false);

  await server.restart();
  await eventually(async () => assert.ok(await acme.request(GET, {}, { timeoutMs: 1000 })));
  assert.deepEqual([acme.connected(), provisioner.connected()], [true, true]);
});

test("a server that hangs: the time-out is typed", async () => {
  await using server = await startNatsServer({ accounts });
  await using acme = await connectedAs(server, "acme");
  await server.freeze();
  const failed = await why(acme.request(GET, {}, { timeoutMs: 300 }));
  assert.equal(failed.why, "timeout");
  assert.ok(failed.afterMs >= 290 && failed.afterMs < 1500, `${failed.afterMs} ms`);
  const start = performance.now();
  server.thaw();
  await acme.close();
  assert.ok(performance.now() - start < 2000);
});

test("closing beside a server that hangs ends by itself", async () => {
  await using server = await startNatsServer({ accounts });
  const acme = await connectedAs(server, "acme");
  await server.freeze();
  const start = performance.now();
  await acme.close();
  assert.equal(await acme.closed, undefined);
  assert.ok(performance.now() - start < 8000);
  assert.equal((await why(acme.request(GET, {}))).why, "not-connected");
});

test("an aborted request rejects with the signal's reason and leaves the connection usable", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  let slow = true;
  await using _served = await serveGet(provisioner, async () => {
    if (slow) await systemClock.sleep(500);
    return {};
  });
  const controller = new AbortController();
  const request = acme.request(GET, {}, { signal: controller.signal });
  const reason = new Error("changed my mind");
  controller.abort(reason);
  await assert.rejects(request, (error) => error === reason);
  await assert.rejects(acme.request(GET, {}, { signal: controller.signal }), (error) => error === reason);
  slow = false;
  assert.ok(await acme.request(GET, {}));
});

test("what cannot be sent is INVALID, what may not be sent FORBIDDEN", async () => {
  await using server = await startNatsServer({ accounts });
  await using acme = await connectedAs(server, "acme");
  const invalid = (error: unknown): boolean => hasCode(error, "INVALID");
  await assert.rejects(acme.request(GET, { text: "x".repeat(2_000_000) }), invalid);
  await assert.rejects(acme.request("carrel v1", {}), invalid);
  await assert.rejects(acme.request(GET, {}, { headers: { "Idempotency-Key": "a\r\nDeadline: 1" } }), invalid);
  assert.equal(acme.publishEvent(GET, { text: "x".repeat(2_000_000) }), false);

  const forbidden = (error: unknown): boolean => hasCode(error, "FORBIDDEN");
  await assert.rejects(acme.request(subjects.request("globex", "get"), {}), forbidden);
  await assert.rejects(
    serveGet(acme, async () => ({})),
    forbidden,
  );
  // The default inbox is everybody's: the server refuses to listen there.
  await using careless = await connectedAs(server, "acme", { inboxPrefix: "_INBOX_globex" });
  await assert.rejects(careless.request(GET, {}), forbidden);
  assert.equal(acme.connected(), true);
});
