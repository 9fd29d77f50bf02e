import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LABELS, type Workspace } from "@carrel/api";
import {
  CONFIG_MAPS,
  isNotFound,
  PODS,
  resource,
  SECRETS,
  SESSION_TEMPLATES,
  SESSIONS,
  WORKSPACES,
  type KubeObject,
} from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { objectsMentioning } from "@carrel/cli";
import { eventually } from "@carrel/testkit";
import { Examples } from "./support/examples.ts";

/** deploy/examples/with-operator/pool.yaml: a spare is claimed, and what the request brought arrives in its objects. */
const CRONTABS = resource<KubeObject & { readonly spec: object }>("stable.example.com/v1", "CronTab", "crontabs");
const SECRET_VALUE = `sk-${Math.random().toString(36).slice(2)}-not-for-logs`;
let examples: Examples;

before(async () => {
  examples = await Examples.install();
  await examples.apply("operator/policy-profiles.yaml", "with-operator/pool.yaml");
});
after(() => examples[Symbol.asyncDispose]());

/** The ready spare, once there is one. */
async function readySpare(): Promise<Workspace> {
  const { client } = examples.carrel;
  return await eventually(
    async () => {
      assert.equal((await client.get(SESSION_TEMPLATES, "pool")).status?.pool?.ready, 1);
      const { items } = await client.list(WORKSPACES, { labelSelector: `${LABELS.pool}=pool` });
      const spare = items.find(({ spec, status }) => spec.session === undefined && status?.phase === "Ready");
      assert.ok(spare);
      return spare;
    },
    { timeoutMs: 120_000, everyMs: 250 },
  );
}

const decoded = (data: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));

test("a spare is claimed with its pod, and has the values of request and learner in a Secret and a custom resource", async (t) => {
  const { client } = examples.carrel;
  const spare = await readySpare();
  const { name: namespace } = spare.metadata;
  const before = await client.get(PODS, "desk", { namespace });
  await assert.rejects(client.get(SECRETS, "session", { namespace }), isNotFound);

  const started = await examples.start("pool", "pia", {
    user: { id: "pia", name: "Pia" },
    parameters: { course: "postgres", replicas: 3, apiKey: SECRET_VALUE },
  });
  t.diagnostic(`${Date.parse(started.view.readyAt ?? "") - Date.parse(started.view.createdAt)} ms from claim to ready`);
  assert.equal(started.namespace, namespace);
  const pod = await client.get(PODS, "desk", { namespace });
  assert.deepEqual([pod.metadata.uid, pod.status?.phase], [before.metadata.uid, "Running"], "the pod of the spare");

  await t.test("Secret", async () => {
    const { password, ...rest } = await eventually(async () =>
      decoded((await client.get(SECRETS, "session", { namespace })).data),
    );
    assert.match(password ?? "", /^[A-Za-z0-9]{20}$/);
    assert.deepEqual(rest, {
      user: "pia",
      course: "postgres",
      level: "beginner",
      apiKey: SECRET_VALUE,
      url: started.view.url,
    });
    const generated = decoded((await client.get(SECRETS, "generated", { namespace })).data);
    assert.equal(generated["password"], password);
    const keys = decoded((await client.get(SECRETS, "keys", { namespace })).data);
    assert.match(keys["authorized_keys"] ?? "", /^ssh-ed25519 /);
    assert.match(keys["htpasswd"] ?? "", /^learner:\$2/);
    assert.equal((await started.desk.run("echo $LESSON_TOKEN")).output, `${generated["token"]}\n`);
    assert.match(generated["token"] ?? "", /^lesson-[a-f0-9]{12}$/);
  });
  await t.test("custom resource, with the types of the parameters", async () => {
    const { spec } = await client.get(CRONTABS, "postgres", { namespace });
    const image = before.spec.containers[0]?.image;
    assert.deepEqual(spec, { cronSpec: "*/5 * * * *", replicas: 3, suspend: false, image });
  });
  await t.test("an object whose `when` says no is not there", async () => {
    await assert.rejects(client.get(CONFIG_MAPS, "paused", { namespace }), isNotFound);
  });
  await t.test("links of the session's page have the values", () => {
    assert.deepEqual(started.view.links, [{ title: "The course", url: "https://lessons.example.com/postgres" }]);
  });
  await t.test("the files arrive in the pod that ran already", async () => {
    await eventually(async () => assert.equal((await started.desk.run("cat /run/session/course")).output, "postgres"), {
      timeoutMs: 150_000,
      everyMs: 1_000,
    });
  });
  await t.test("the secret parameter is where it is meant to be, and nowhere else", async () => {
    const { items } = await client.list(SECRETS);
    const value = Buffer.from(SECRET_VALUE).toString("base64");
    const holders = items.filter(({ data }) => Object.values(data ?? {}).includes(value));
    assert.deepEqual(
      holders.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort(),
      [`carrel-system-parameters/${started.view.name}-parameters`, `${namespace}/session`].sort(),
    );
    const stored = [await client.get(SESSIONS, started.view.name), await client.get(WORKSPACES, namespace)];
    assert.ok(!JSON.stringify(stored).includes(SECRET_VALUE));
    const logs = await examples.kubectl(["logs", "-n", "carrel-system", "deployment/carrel-provisioner", "--tail=-1"]);
    assert.equal(logs.code, 0, logs.output);
    assert.ok(!logs.output.includes(SECRET_VALUE));
  });
  await t.test("the next spare stands ready", async () => {
    assert.notEqual((await readySpare()).metadata.name, namespace);
  });
  await examples.end(started);
  // The record of the session stays for a while; its secrets do not.
  await eventually(
    async () =>
      assert.deepEqual(await objectsMentioning(client, [started.view.name]), [
        `sessions.carrel.dev /${started.view.name}`,
      ]),
    { timeoutMs: 60_000, everyMs: 1_000 },
  );
});

const refused: [string, Record<string, string | number | boolean>, RegExp][] = [
  ["one that is required is missing", {}, /course/],
  ["one does not match its pattern", { course: "Postgres 17" }, /course/],
  ["one is no number", { course: "a", replicas: "many" }, /replicas/],
  ["one is too great", { course: "a", replicas: 6 }, /replicas/],
  ["one is none of the choices", { course: "a", level: "expert" }, /level/],
  ["the template has no such", { course: "a", cuorse: "b" }, /cuorse/],
];
for (const [what, parameters, message] of refused) {
  test(`parameters are checked when a session is asked for: ${what}`, async () => {
    const error: unknown = await examples.carrel.backend
      .createSession({ template: "pool", user: { id: "pia" }, parameters }, { deadlineMs: Date.now() + 15_000 })
      .catch((thrown: unknown) => thrown);
    assert.ok(hasCode(error, "INVALID"), String(error));
    assert.match((error as Error).message, message);
  });
}

test("with the template its spares go", async () => {
  const { client } = examples.carrel;
  await client.delete(SESSION_TEMPLATES, "pool");
  await eventually(
    async () => {
      const { items } = await client.list(WORKSPACES, { labelSelector: `${LABELS.pool}=pool` });
      assert.deepEqual(
        items.map(({ metadata }) => metadata.name),
        [],
      );
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
});
