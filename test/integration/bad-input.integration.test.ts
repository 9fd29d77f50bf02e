import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SESSION_TEMPLATES, SESSIONS, StatusError, TENANTS } from "@carrel/kube";
import { aSessionTemplate, aTenant } from "@carrel/testkit";
import { startSessionServices, type SessionServices } from "@carrel/servicekit";

let services: SessionServices;
let name: string;
before(async () => {
  services = await startSessionServices();
  name = await services.template({
    spec: { parameters: [{ name: "course", type: "string", required: true, maxLength: 8 }] },
  });
});
after(() => services[Symbol.asyncDispose]());

const user = { id: "ada" };
const parameters = { course: "k8s" };

async function sessionCount(): Promise<number> {
  return (await services.client.list(SESSIONS)).items.length;
}

/** Sends the request and expects a reply with this code and a message that helps; nothing is created. */
async function refused(request: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  await assert.rejects(request, (error: { code?: string; message: string }) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

const bad: [string, () => Promise<unknown>, string, RegExp][] = [
  [
    "unknown field",
    () => services.ask("create", { template: name, user, parameters, tempalte: "x" }),
    "INVALID",
    /tempalte/,
  ],
  [
    "unknown field inside user",
    () => services.ask("create", { template: name, user: { ...user, role: "admin" }, parameters }),
    "INVALID",
    /role/,
  ],
  ["missing template", () => services.ask("create", { user }), "INVALID", /template/],
  [
    "unknown template",
    () => services.ask("create", { template: "nope", user }),
    "NOT_FOUND",
    /there is no template nope/,
  ],
  [
    "a template that is no DNS label",
    () => services.ask("create", { template: "Not_A_Label", user }),
    "INVALID",
    /template/,
  ],
  [
    "missing parameter",
    () => services.ask("create", { template: name, user }),
    "INVALID",
    /parameters\.course: is required/,
  ],
  [
    "oversized parameter",
    () => services.ask("create", { template: name, user, parameters: { course: "123456789" } }),
    "INVALID",
    /9 characters long; at most 8/,
  ],
  [
    "unknown parameter",
    () => services.ask("create", { template: name, user, parameters: { ...parameters, extra: 1 } }),
    "INVALID",
    /parameters\.extra/,
  ],
  [
    "oversized body",
    () => services.ask("create", { template: name, user: { id: "x".repeat(200_000) }, parameters }),
    "INVALID",
    /65536|64 KiB|large|long/i,
  ],
  [
    "no idempotency key",
    () => services.ask("create", { template: name, user, parameters }, { "Idempotency-Key": "" }),
    "INVALID",
    /Idempotency-Key/,
  ],
  [
    "a deadline in the past",
    () => services.ask("create", { template: name, user, parameters }, { Deadline: String(Date.now() - 1000) }),
    "EXPIRED",
    /deadline/i,
  ],
  [
    "a deadline that is no number",
    () => services.ask("create", { template: name, user, parameters }, { Deadline: "soon" }),
    "INVALID",
    /[Dd]eadline/,
  ],
  ["unknown session", () => services.ask("get", { session: `s${"a".repeat(20)}` }), "NOT_FOUND", /no session/],
  ["a session name that is none", () => services.ask("get", { session: "../../etc" }), "INVALID", /session/],
  [
    "a token for an unknown session",
    () => services.ask("token", { session: `s${"a".repeat(20)}` }),
    "NOT_FOUND",
    /no session/,
  ],
  ["a list with a made-up cursor", () => services.ask("list", { continue: "!!!!" }), "INVALID", /continue/],
];
for (const [what, request, code, message] of bad) {
  test(`refused with ${code}, nothing created: ${what}`, async () => {
    const before = await sessionCount();
    await refused(request(), code, message);
    assert.equal(await sessionCount(), before);
  });
}

test("a second create with the same key and another body is a CONFLICT, and changes nothing", async () => {
  const first = await services.create({ template: name, user, parameters, wait: "accepted" }, "same-key");
  await refused(
    services.create({ template: name, user: { id: "eve" }, parameters, wait: "accepted" }, "same-key"),
    "CONFLICT",
    /another request body/,
  );
  assert.equal((await services.client.get(SESSIONS, first.session.name)).spec.user.id, "ada");
  await services.ask("end", { session: first.session.name });
});

test("a tenant cannot send on another's subject, and one without a Tenant object gets FORBIDDEN", async () => {
  const rival = await services.backend("rival");
  const body = { template: name, user, parameters };
  const headers = { "Idempotency-Key": "rival-1" };
  await refused(rival.request("carrel.v1.acme.session.create", body, { headers, timeoutMs: 5_000 }), "FORBIDDEN", /./);
  await refused(
    rival.request("carrel.v1.rival.session.create", body, { headers, timeoutMs: 5_000 }),
    "FORBIDDEN",
    /there is no tenant rival/,
  );
});

test("another tenant's session does not exist", async () => {
  const { session } = await services.create({ template: name, user: { id: "priv" }, parameters, wait: "accepted" });
  const rival = await services.backend("rival");
  await refused(
    rival.request("carrel.v1.rival.session.get", { session: session.name }, { timeoutMs: 5_000 }),
    "NOT_FOUND",
    /no session/,
  );
  await refused(
    rival.request("carrel.v1.rival.session.end", { session: session.name }, { timeoutMs: 5_000 }),
    "NOT_FOUND",
    /no session/,
  );
  await services.ask("end", { session: session.name });
});

const badTemplates: [string, object, RegExp][] = [
  ["no endpoint main", { endpoints: [{ name: "web", port: 80 }] }, /spec\.endpoints.*one endpoint must be called main/],
  ["a port that is none", { endpoints: [{ name: "main", port: 70000 }] }, /spec\.endpoints\[0\]\.port/],
  [
    "a duration that is none",
    { lifetime: { duration: "soon", max: "1h", startDeadline: "5m" } },
    /spec\.lifetime\.duration/,
  ],
  [
    "longer than its maximum",
    { lifetime: { duration: "2d", max: "1d", startDeadline: "5m" } },
    /duration must not exceed max/,
  ],
  ["an unknown budget", { budget: "gigantic" }, /spec\.budget/],
  [
    "duplicate endpoints",
    {
      endpoints: [
        { name: "main", port: 80 },
        { name: "main", port: 81 },
      ],
    },
    /spec\.endpoints\[1\]/,
  ],
  [
    "a container without an image",
    { workspace: { template: { spec: { containers: [{ name: "a" }] } } } },
    /spec\.workspace\.template\.spec\.containers\[0\]\.image/,
  ],
];
for (const [what, spec, message] of badTemplates) {
  test(`the API server refuses a template with ${what}, and names the field`, async () => {
    const good = aSessionTemplate();
    await assert.rejects(
      services.client.create(SESSION_TEMPLATES, { ...good, spec: { ...good.spec, ...spec } }),
      (error: Error) => {
        assert.ok(error instanceof StatusError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("a tenant cannot have a name that is a NATS subject or user of Carrel's own", async () => {
  await assert.rejects(services.client.create(TENANTS, aTenant({ metadata: { name: "evt" } })), /Carrel's own/);
});

test("a template that uses an unknown variable is refused when a session is asked for, by name", async () => {
  const broken = await services.template({
    spec: {
      workspace: {
        template: { spec: { containers: [{ name: "a", image: "x", env: [{ name: "A", value: "$(user.nme)" }] }] } },
      },
    },
  });
  await refused(
    services.create({ template: broken, user }),
    "INVALID",
    /containers\[0\]\.env\[0\]\.value: there is no variable user\.nme; did you mean user\.name/,
  );
});
