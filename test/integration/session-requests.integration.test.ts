import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { SessionEvent, SessionView } from "@carrel/api";
import { SECRETS, SESSIONS, TENANTS } from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { reportReady, startSessionServices, type SessionServices } from "@carrel/servicekit";

let services: SessionServices;
before(async () => {
  services = await startSessionServices();
});
after(() => services[Symbol.asyncDispose]());

/** A ready session of a template with that lifetime. */
async function readySession(lifetime: { duration: string; max: string; extension?: string }): Promise<SessionView> {
  const template = await services.template({ spec: { lifetime } });
  const { session } = await services.create({ template, user: { id: randomUUID() }, wait: "accepted" });
  await reportReady(services.client, (await services.client.get(SESSIONS, session.name)).spec.workspace);
  return await eventually(
    async () => {
      const answer = await services.ask("get", { session: session.name });
      assert.equal(answer.session.state, "ready");
      return answer.session;
    },
    { timeoutMs: 20_000 },
  );
}

const refusedWith = (code: string, pattern: RegExp) => (error: Error & { code?: string }) => {
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  return true;
};

test("an extension moves the end once per key, tells the tenant, and never goes past the deadline", async () => {
  const session = await readySession({ duration: "1h", max: "2h" });
  await using acme = await services.backend("acme");
  await using events = acme.events(`carrel.v1.evt.acme.session.${session.name}.extended`);
  await events.ready;

  const key = randomUUID();
  const extend = (by: string, idempotencyKey: string) =>
    services.ask("extend", { session: session.name, by }, { "Idempotency-Key": idempotencyKey });
  const once = await extend("30m", key);
  assert.equal(Date.parse(once.session.expiresAt) - Date.parse(session.expiresAt), 30 * 60_000);
  const again = await extend("30m", key);
  assert.equal(again.session.expiresAt, once.session.expiresAt, "a retry does not extend twice");
  const { value } = await events.next();
  assert.ok(value?.type === "event");
  const told = value.body as SessionEvent;
  assert.deepEqual([told.type, told.session.expiresAt], ["extended", once.session.expiresAt]);

  const capped = await extend("4h", randomUUID());
  assert.equal(capped.session.expiresAt, session.deadlineAt);
  await assert.rejects(extend("1m", randomUUID()), refusedWith("QUOTA", /as long as it may/));
});

test("the extension of a user is possible near the end only, and says when", async () => {
  const early = await readySession({ duration: "1h", max: "8h" });
  await assert.rejects(
    services.ask("extend", { session: early.name }),
    (error: Error & { code?: string; retryAfterMs?: number }) => {
      assert.equal(error.code, "TOO_EARLY", error.message);
      // 15 minutes is a quarter of the hour; what is left of the hour less that is the wait.
      assert.ok(
        error.retryAfterMs !== undefined && error.retryAfterMs > 40 * 60_000 && error.retryAfterMs <= 45 * 60_000,
      );
      return true;
    },
  );
  const late = await readySession({ duration: "1h", max: "8h", extension: "2h" });
  const extended = await services.ask("extend", { session: late.name });
  assert.equal(Date.parse(extended.session.expiresAt) - Date.parse(late.expiresAt), 2 * 3_600_000);
});

test("what is not ready cannot be extended, and neither can what has ended", async () => {
  const template = await services.template();
  const { session } = await services.create({ template, user: { id: "hasty" }, wait: "accepted" });
  await assert.rejects(
    services.ask("extend", { session: session.name, by: "1h" }),
    refusedWith("PENDING", /not ready/),
  );
  await services.ask("end", { session: session.name });
  // A replica answers from its cache, which may show the end a moment later.
  await eventually(
    () => assert.rejects(services.ask("extend", { session: session.name, by: "1h" }), refusedWith("EXPIRED", /ended/)),
    { timeoutMs: 10_000 },
  );
  await assert.rejects(services.ask("revoke", { session: session.name }), refusedWith("EXPIRED", /ended/));
  await assert.rejects(
    services.ask("extend", { session: `s${"a".repeat(20)}` }),
    refusedWith("NOT_FOUND", /no session/),
  );
});

test("a revocation voids earlier tokens and moves forward only; the session goes on", async () => {
  const session = await readySession({ duration: "1h", max: "2h" });
  const before = Date.now();
  await services.ask("revoke", { session: session.name });
  const { spec } = await services.client.get(SESSIONS, session.name);
  assert.ok(Date.parse(spec.revokedBefore ?? "") >= before - 1000);
  await assert.rejects(
    services.client.mergePatch(SESSIONS, session.name, { spec: { revokedBefore: "2020-01-01T00:00:00Z" } }),
    /revokedBefore moves forward only/,
  );
  assert.ok((await services.ask("token", { session: session.name })).token);
});

test("a request may ask for another duration, up to what template and tenant allow", async () => {
  const template = await services.template({ spec: { lifetime: { duration: "1h", max: "2h" } } });
  const user = { id: randomUUID() };
  const { session } = await services.create({ template, user, duration: "90m", wait: "accepted" });
  const { spec, metadata } = await services.client.get(SESSIONS, session.name);
  const createdAt = Date.parse(metadata.creationTimestamp ?? "");
  assert.ok(Math.abs(Date.parse(spec.expiresAt) - createdAt - 90 * 60_000) < 2_000);
  await assert.rejects(
    services.create({ template, user, duration: "3h", wait: "accepted" }),
    refusedWith("INVALID", /duration: at most 2h/),
  );

  await services.client.mergePatch(TENANTS, "acme", { spec: { maxLifetime: "1h" } });
  await eventually(
    () =>
      assert.rejects(
        services.create({ template, user, duration: "90m", wait: "accepted" }),
        refusedWith("INVALID", /duration: at most 3600s/),
      ),
    { timeoutMs: 10_000 },
  );
  await services.client.mergePatch(TENANTS, "acme", { spec: { maxLifetime: null } });
});

test("users without a cap, templates by pattern, profiles: as the tenant says", async () => {
  const template = await services.template();
  await services.client.mergePatch(TENANTS, "acme", {
    spec: { maxSessionsPerUser: 1, exemptUsers: ["trainer"], templates: ["other-*"] },
  });
  await eventually(
    () =>
      assert.rejects(
        services.create({ template, user: { id: "trainer" }, wait: "accepted" }),
        refusedWith("FORBIDDEN", /may not use template/),
      ),
    { timeoutMs: 10_000 },
  );
  await services.client.mergePatch(TENANTS, "acme", { spec: { templates: [`${template.slice(0, 4)}*`] } });
  const made = await eventually(
    async () => {
      const first = await services.create({ template, user: { id: "trainer" }, wait: "accepted" });
      const second = await services.create({ template, user: { id: "trainer" }, wait: "accepted" });
      return [first, second];
    },
    { timeoutMs: 10_000 },
  );
  assert.equal(new Set(made.map(({ session }) => session.name)).size, 2);
  await services.client.mergePatch(TENANTS, "acme", { spec: { templates: null, profiles: ["strict"] } });
  await eventually(
    () =>
      assert.rejects(
        services.create({ template, user: { id: "trainer" }, wait: "accepted" }),
        refusedWith("FORBIDDEN", /may not use profile default/),
      ),
    { timeoutMs: 10_000 },
  );
  await services.client.mergePatch(TENANTS, "acme", {
    spec: { profiles: null, exemptUsers: [], maxSessionsPerUser: 3 },
  });
});

test("a secret parameter is kept in a Secret that goes with its session, and stands nowhere else", async () => {
  const parameters = [{ name: "licence", secret: true, required: true }];
  const template = await services.template({ spec: { parameters } });
  const key = randomUUID();
  const request = {
    template,
    user: { id: randomUUID() },
    parameters: { licence: "s3cr3t-value" },
    wait: "accepted",
  } as const;
  const { session } = await eventually(() => services.create(request, key), { timeoutMs: 10_000 });
  const stored = await services.client.get(SESSIONS, session.name);
  assert.deepEqual(stored.spec.secretParameters, ["licence"]);
  const where = { namespace: "carrel-system-parameters" };
  const secret = await services.client.get(SECRETS, `${session.name}-parameters`, where);
  assert.equal(Buffer.from(secret.data?.["licence"] ?? "", "base64").toString(), "s3cr3t-value");
  assert.equal(secret.metadata.ownerReferences?.[0]?.uid, stored.metadata.uid);

  const everything = JSON.stringify(stored) + JSON.stringify(session) + services.provisioner.log();
  assert.ok(!everything.includes("s3cr3t-value"), "a secret was written down");

  // Who made the session died before it kept the secret: the caller's retry makes it good.
  await services.client.delete(SECRETS, secret.metadata.name, where);
  await services.create(request, key);
  await services.client.get(SECRETS, secret.metadata.name, where);
  await assert.rejects(
    services.create({ ...request, parameters: { licence: "another" } }, key),
    refusedWith("CONFLICT", /another request body/),
  );
  await assert.rejects(services.create({ ...request, parameters: {} }), refusedWith("INVALID", /licence: is required/));
});
