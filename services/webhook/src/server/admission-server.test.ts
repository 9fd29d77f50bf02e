import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent } from "node:https";
import { connect as connectTcp } from "node:net";
import { suite, test } from "node:test";
import { connect } from "node:tls";
import { systemClock } from "@carrel/std";
import type { Facts } from "../decision/facts.ts";
import { aPod } from "../testing/a-pod.ts";
import { aRequest, aReview } from "../testing/a-request.ts";
import { aCertificate, post, serveReviews, type HttpAnswer, type ServedReviews } from "../testing/serve-reviews.ts";
import { parseGoDurationMs, reviewDeadlineMs } from "./review-deadline.ts";

const ACTIVE: Facts = { workspace: { state: "active", name: "w1", profileName: "default" } };
const active = { factsFor: () => ACTIVE };
const never = { factsFor: () => new Promise<Facts>(() => undefined) };
const broken = { factsFor: () => Promise.reject(new Error("the API server is away")) };
const GOOD = aReview(aRequest(aPod()));
const BAD = aReview(aRequest(aPod({ hostNetwork: true })));

function to(server: ServedReviews, agent?: Agent): { port: number; ca: string; agent?: Agent } {
  const ca = server.serving.current?.authority ?? "";
  return { port: server.port, ca, ...(agent === undefined ? {} : { agent }) };
}

function uid(name: string): object {
  return aReview(aRequest(aPod(), { uid: name }));
}

suite("the admission server", () => {
  test("allows and refuses, with the uid, a code, a reason, and the rule for the audit log", async () => {
    await using server = await serveReviews(active);
    const good = await post(to(server), "/validate/pods?timeout=5s", GOOD);
    assert.deepEqual([good.status, good.response.allowed, good.response.uid], [200, true, aRequest(aPod()).uid]);
    const bad = await post(to(server), "/validate/pods?timeout=5s", BAD);
    assert.deepEqual(bad.response, {
      uid: aRequest(aPod()).uid,
      allowed: false,
      status: {
        code: 403,
        reason: "Forbidden",
        message: "[pod-security/hostNamespaces] spec.hostNetwork: must not be true; policy restricted:latest",
      },
      auditAnnotations: { actor: "learner", workspace: "w1", profile: "default", rule: "pod-security/hostNamespaces" },
    });
  });

  test("patches at the mutating path only", async () => {
    await using server = await serveReviews(active);
    const plain = aReview(aRequest({ apiVersion: "v1", kind: "Pod", spec: { containers: [{ name: "a" }] } }));
    const { response } = await post(to(server), "/mutate/pods", plain);
    const patch = JSON.parse(Buffer.from(response.patch ?? "", "base64").toString()) as readonly { path: string }[];
    assert.deepEqual(
      patch.map(({ path }) => path),
      ["/spec/securityContext", "/spec/containers/0/securityContext"],
    );
    assert.equal((await post(to(server), "/validate/pods", plain)).response.allowed, false);
  });

  test("answers what is no review", async () => {
    await using server = await serveReviews(active);
    const status = async (path: string, body: unknown, method?: string): Promise<number> =>
      (await post(to(server), path, body, method)).status;
    assert.equal(await status("/", GOOD), 404);
    assert.equal(await status("/validate/pods/", GOOD), 404);
    assert.equal(await status("/validate/pods", "", "GET"), 405);
    assert.equal(await status("/validate/pods", "no JSON"), 400);
    assert.equal(await status("/validate/pods", {}), 400);
    for (const broken of [
      '{"request":{"uid":"u1",',
      '{"request":{"uid":"u1"}}',
      '{"request":{"uid":"u1","operation":"READ","userInfo":{"username":"a"}}}',
    ]) {
      const { response } = await post(to(server), "/validate/pods", broken);
      assert.equal(response.uid, "u1");
      assert.equal(response.status?.code, 400);
      assert.match(response.status.message, /^\[ADMISSION_UNDECODABLE\] .*; request u1$/);
    }
  });

  test("takes a review of 6.5 MiB, and refuses one that is too large with its uid", async () => {
    await using server = await serveReviews(active);
    const padded = (bytes: number): object => {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { a: "x".repeat(bytes) } };
      return aReview(aRequest(object, { uid: "large" }));
    };
    const whole = await post(to(server), "/validate/objects", padded(6.5 * 1024 * 1024));
    assert.equal(whole.response.allowed, true);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const beyond = await post(to(server, agent), "/validate/objects", padded(9 * 1024 * 1024));
    assert.equal(beyond.response.uid, "large");
    assert.equal(beyond.response.status?.code, 413);
    assert.match(beyond.response.status.message, /^\[ADMISSION_TOO_LARGE\]/);
    assert.equal((await post(to(server, agent), "/validate/objects", GOOD)).response.allowed, true);
    agent.destroy();
  });

  test("refuses in time, with a code, when the facts do not come", async () => {
    await using server = await serveReviews(never);
    const startedMs = performance.now();
    const { response } = await post(to(server), "/validate/pods?timeout=1s", GOOD);
    assert.ok(performance.now() - startedMs < 950);
    assert.deepEqual([response.allowed, response.status?.code], [false, 504]);
    assert.match(response.status?.message ?? "", /^\[ADMISSION_TIMEOUT\]/);
  });

  test("refuses, with a code, when the facts cannot be had; but what is deleted goes", async () => {
    await using server = await serveReviews(broken);
    const { response } = await post(to(server), "/validate/pods", GOOD);
    assert.deepEqual([response.allowed, response.status?.code], [false, 503]);
    assert.match(response.status?.message ?? "", /^\[ADMISSION_UNAVAILABLE\]/);
    const remove = aReview(aRequest(aPod(), { operation: "DELETE", object: undefined, oldObject: aPod() }));
    assert.equal((await post(to(server), "/validate/pods", remove)).response.allowed, true);
    const { response: defaults } = await post(to(server), "/mutate/pods", GOOD);
    assert.deepEqual(defaults, { uid: aRequest(aPod()).uid, allowed: true });
  });

  test("turns a bug into a refusal", async () => {
    const facts = {
      factsFor: () => ({
        get workspace(): never {
          throw new TypeError("a bug");
        },
      }),
    };
    await using server = await serveReviews(facts);
    const { response } = await post(to(server), "/validate/pods", GOOD);
    assert.deepEqual([response.allowed, response.status?.code], [false, 500]);
    assert.match(
      response.status?.message ?? "",
      /^\[ADMISSION_INTERNAL\] an unexpected error, see the webhook's logs; request /,
    );
    assert.doesNotMatch(response.status?.message ?? "", /a bug/);
  });

  test("refuses at once what is too much of one class, and serves the others", async () => {
    await using server = await serveReviews({
      factsFor: (namespace: string) => (namespace === "slow" ? never.factsFor() : ACTIVE),
    });
    const agent = new Agent({ keepAlive: true });
    const slow = aReview(aRequest(aPod(), { namespace: "slow" }));
    const answers = await Promise.all(
      Array.from({ length: 70 }, () => post(to(server, agent), "/validate/objects?timeout=2s", slow)),
    );
    const codes = answers.map(({ response }) => response.status?.code);
    assert.equal(codes.filter((code) => code === 504).length, 64);
    assert.equal(codes.filter((code) => code === 429).length, 6);
    assert.equal((await post(to(server, agent), "/validate/pods", GOOD)).response.allowed, true);
    assert.equal((await post(to(server, agent), "/validate/objects", GOOD)).response.allowed, true);
    agent.destroy();
  });

  test("keeps connections open, and uses a new certificate from the next handshake on", async () => {
    await using server = await serveReviews(active);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = to(server, agent);
    const ask = async (name: string): Promise<HttpAnswer> => await post(before, "/validate/pods", uid(name));
    assert.equal((await ask("one")).response.uid, "one");
    const next = await aCertificate();
    server.serving.load(next);
    assert.equal((await ask("two")).response.uid, "two", "on the connection that is open");
    assert.equal(
      (await post({ port: server.port, ca: next.authority }, "/validate/pods", uid("three"))).response.uid,
      "three",
    );
    await assert.rejects(
      post({ port: server.port, ca: before.ca, agent: new Agent() }, "/validate/pods", GOOD),
      /certificate/,
    );
    agent.destroy();
  });

  test("answers what is under way when it stops, and takes nothing new", async () => {
    const facts = Promise.withResolvers<Facts>();
    const asked = Promise.withResolvers<void>();
    await using server = await serveReviews({
      factsFor: () => {
        asked.resolve();
        return facts.promise;
      },
    });
    const pending = post(to(server), "/validate/pods", GOOD);
    await asked.promise;
    server.stop.abort(new Error("stop"));
    await new Promise((resolve) => void setImmediate(resolve));
    await assert.rejects(post(to(server), "/validate/pods", GOOD), /ECONNREFUSED/);
    facts.resolve(ACTIVE);
    assert.equal((await pending).response.allowed, true);
    await server.ended;
  });

  test("stops as soon as the last review is answered, whatever connections are open", async () => {
    const facts = Promise.withResolvers<Facts>();
    const asked = Promise.withResolvers<void>();
    const source = {
      factsFor: (namespace: string) => {
        if (namespace !== "slow") return ACTIVE;
        asked.resolve();
        return facts.promise;
      },
    };
    // Its patience has no end, so that nothing is cut for want of it.
    const endless = new Promise<void>(() => undefined);
    await using server = await serveReviews(source, { ...systemClock, sleep: () => endless });
    const { port, ca } = to(server);
    const used = new Agent({ keepAlive: true });
    const busy = new Agent({ keepAlive: true });
    const kept = await post(to(server, used), "/validate/pods", GOOD);
    assert.equal(kept.connection, "keep-alive");
    const fresh = connect({ host: "127.0.0.1", port, ca });
    await once(fresh, "secureConnect");
    const silent = connectTcp(port, "127.0.0.1");
    await once(silent, "connect");
    const closed = [fresh, silent].map((socket) =>
      once(
        socket.on("error", () => undefined),
        "close",
      ),
    );
    const slow = aReview(aRequest(aPod(), { namespace: "slow" }));
    const pending = post(to(server, busy), "/validate/pods", slow);
    await asked.promise;

    server.stop.abort(new Error("stop"));
    await Promise.all(closed);
    facts.resolve(ACTIVE);
    const answer = await pending;
    assert.deepEqual([answer.response.allowed, answer.connection], [true, "close"]);
    await server.ended;
    used.destroy();
    busy.destroy();
  });

  test("speaks TLS 1.2 and later only", async () => {
    await using server = await serveReviews(active);
    const { port, ca } = to(server);
    const failed = Promise.withResolvers<string>();
    const socket = connect({ host: "127.0.0.1", port, ca, maxVersion: "TLSv1.1", minVersion: "TLSv1" });
    socket.on("error", (error) => failed.resolve(error.message)).on("secureConnect", () => failed.resolve("connected"));
    assert.notEqual(await failed.promise, "connected");
    socket.destroy();
  });
});

test("the deadline is within what the API server waits", () => {
  assert.equal(parseGoDurationMs("5s"), 5000);
  assert.equal(parseGoDurationMs("1m30.5s"), 90_500);
  assert.equal(parseGoDurationMs("250ms"), 250);
  for (const bad of ["", "5", "s", "5 s", "5x", "-5s"]) assert.equal(parseGoDurationMs(bad), undefined, bad);
  assert.equal(reviewDeadlineMs("5s"), 4500);
  assert.equal(reviewDeadlineMs("600ms"), 300);
  assert.equal(reviewDeadlineMs(null), 9500);
  assert.equal(reviewDeadlineMs("nonsense"), 9500);
});
