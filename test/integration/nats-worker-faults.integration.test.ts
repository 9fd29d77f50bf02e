import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { subjects } from "@carrel/api";
import { createServiceAccountToken, eventually, faults, startFaultProxy, type FaultProxy } from "@carrel/testkit";
import { freshKey, someone, startFaultyServices, type FaultyServices } from "./support/nats-faults.ts";
import { playKubelet } from "@carrel/servicekit";

// Two provisioners are killed and frozen at the worst moments; NATS and the API server stay.
let world: FaultyServices;
let proxy: FaultProxy;
const cleanup = new AsyncDisposableStack();
before(async () => {
  world = await startFaultyServices({
    provisioners: 2,
    provisionerKubeconfig: async (controlPlane) => {
      const { token } = await createServiceAccountToken(controlPlane);
      proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token });
      return proxy.kubeconfigPath;
    },
  });
  cleanup.use(proxy);
  cleanup.use(world);
  cleanup.use(playKubelet(world.services.client));
});
after(() => cleanup.disposeAsync());
const CREATE_SESSION = { method: "POST", path: /\/sessions$/ };

test("killed before CREATE: nothing was made; the retry and the queue make one session each", async () => {
  const { services, client } = world;
  const [one, two] = services.provisioners;
  assert.ok(one && two);
  const template = await world.template();
  await two.kill();
  const held = proxy.inject(CREATE_SESSION, faults.blackHole());
  const creating = client.createSession({ template, user: someone() }, { idempotencyKey: freshKey() });
  const asked = await world.enqueue(freshKey(), { template, user: someone() });
  await eventually(() => assert.ok(held.hits >= 2), { timeoutMs: 20_000 });
  await one.kill();
  assert.equal((await world.sessionsOf(template)).length, 0);
  held.remove();
  await Promise.all([one.start(), two.start()]);
  assert.equal((await creating).session.state, "ready");
  // Its delivery is with the dead one until ack_wait has passed.
  assert.equal((await asked.answer).session.state, "ready");
  assert.equal((await world.sessionsOf(template)).length, 2);
});

test("killed after CREATE, before the answer: retry and queue meet the session that was made", async () => {
  const { services, client } = world;
  const [one, two] = services.provisioners;
  assert.ok(one && two);
  const template = await world.template();
  await two.kill();
  // The session is stored; the provisioner never hears of it.
  const lost = proxy.inject(CREATE_SESSION, faults.freeze(0));
  const creating = client.createSession({ template, user: someone() }, { idempotencyKey: freshKey() });
  const asked = await world.enqueue(freshKey(), { template, user: someone() });
  const before = await eventually(
    async () => {
      const sessions = await world.sessionsOf(template);
      assert.equal(sessions.length, 2);
      return sessions.map(({ metadata }) => metadata.uid);
    },
    { timeoutMs: 20_000 },
  );
  await one.kill();
  lost.remove();
  await Promise.all([one.start(), two.start()]);
  assert.equal((await creating).session.state, "ready");
  assert.equal((await asked.answer).session.state, "ready");
  const sessions = await world.sessionsOf(template);
  assert.deepEqual(new Set(sessions.map(({ metadata }) => metadata.uid)), new Set(before));
});

test("one of two provisioners frozen: every create is answered, and the server evicts the frozen one", async () => {
  const { services, client, acme } = world;
  const frozen = services.provisioners[1];
  assert.ok(frozen);
  const template = await world.template();
  const { pid } = frozen;
  process.kill(pid, "SIGSTOP");
  try {
    const keys = Array.from({ length: 6 }, freshKey);
    const core = keys.map((key) => client.createSession({ template, user: { id: key } }, { idempotencyKey: key }));
    const queued = keys.map(async (key) => {
      const asked = await world.enqueue(`queued-${key}`, { template, user: { id: `queued-${key}` } });
      return await asked.answer;
    });
    for (const { session } of await Promise.all([...core, ...queued])) assert.equal(session.state, "ready");
    assert.equal((await world.sessionsOf(template)).length, 2 * keys.length);
    // From then on nothing is sent to it any more: no request needs a second try.
    await eventually(
      async () => {
        const asking = Array.from({ length: 20 }, () =>
          acme.request(subjects.request("acme", "list"), { limit: 1 }, { timeoutMs: 3000 }),
        );
        await Promise.all(asking);
      },
      { timeoutMs: 60_000 },
    );
  } finally {
    process.kill(pid, "SIGCONT");
  }
  // Whether it goes on or gave up its leadership by ending: the other serves.
  const { session } = await client.createSession({ template, user: { id: "afterwards" } });
  assert.equal(session.state, "ready");
});

test("the same key twenty times on either way, over two provisioners: one session", async () => {
  const { client } = world;
  const template = await world.template();
  const key = freshKey();
  const request = { template, user: { id: "once" } };
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => [
      await client.createSession(request, { idempotencyKey: key }),
      await (await world.enqueue(key, request)).answer,
    ]),
  );
  assert.equal(new Set(answers.flat().map(({ session }) => session.name)).size, 1);
  assert.equal((await world.sessionsOf(template)).length, 1);
});
