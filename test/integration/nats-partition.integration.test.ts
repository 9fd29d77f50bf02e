import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HEADERS, subjects } from "@carrel/api";
import { SESSIONS } from "@carrel/kube";
import { RemoteError } from "@carrel/messaging";
import {
  createServiceAccountToken,
  eventually,
  startFaultProxy,
  startTcpProxy,
  type FaultProxy,
  type TcpProxy,
} from "@carrel/testkit";
import { freshKey, someone, startFaultyServices, type FaultyServices } from "./support/nats-faults.ts";

// The provisioner is parted from NATS, or from the API server, while everybody else is well.
let world: FaultyServices;
let natsLink: TcpProxy;
let kubeLink: FaultProxy;
const cleanup = new AsyncDisposableStack();
before(async () => {
  world = await startFaultyServices({
    provisionerNats: async ({ port }) => {
      natsLink = cleanup.use(await startTcpProxy(port));
      return `nats://127.0.0.1:${natsLink.port}`;
    },
    provisionerKubeconfig: async ({ server, caPem, ...controlPlane }) => {
      const { token } = await createServiceAccountToken(controlPlane);
      kubeLink = cleanup.use(await startFaultProxy({ target: server, caPem, token }));
      return kubeLink.kubeconfigPath;
    },
  });
  cleanup.use(world);
});
after(() => cleanup.disposeAsync());

/** What the provisioner's readiness probe says. */
async function readiness(): Promise<{ readonly status: number; readonly body: string }> {
  const port = /"probesPort":(\d+)/.exec(world.services.provisioner.log())?.[1];
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  return { status: answer.status, body: await answer.text() };
}

test("off NATS only: sessions go on, what is queued waits, and the probe says so", async () => {
  const { services, client } = world;
  const template = await world.template();
  const { session } = await client.createSession({ template, user: someone(), wait: "accepted" });
  await natsLink.refuse();
  await eventually(async () => {
    const { status, body } = await readiness();
    assert.equal(status, 503);
    assert.match(body, /nats/);
  });
  const asked = await world.enqueue(freshKey(), { template, user: someone() });
  await world.makeReady(template, 1);
  await eventually(
    async () => assert.equal((await services.client.get(SESSIONS, session.name)).status?.phase, "Ready"),
    { timeoutMs: 30_000 },
  );
  assert.equal((await world.sessionsOf(template)).length, 1);
  await natsLink.listen();
  await world.makeReady(template, 2);
  assert.equal((await asked.answer).session.state, "ready");
  await eventually(async () => assert.deepEqual(await readiness(), { status: 200, body: '{"status":"ok"}' }), {
    timeoutMs: 30_000,
  });
});

test("a silent partition from NATS is noticed by pings, and healed by itself", async () => {
  const { client } = world;
  const template = await world.template();
  natsLink.freeze();
  await eventually(async () => assert.equal((await readiness()).status, 503), { timeoutMs: 60_000 });
  const creating = client.createSession({ template, user: someone() });
  natsLink.thaw();
  await world.makeReady(template, 1);
  assert.equal((await creating).session.state, "ready");
});

test("off the API server only: UNAVAILABLE by the deadline and retryable; what is queued is done when it is back", async () => {
  const { acme } = world;
  const template = await world.template();
  await kubeLink.refuse();
  const ask = (): Promise<object> =>
    acme.request(
      subjects.request("acme", "create"),
      { template, user: someone() },
      { headers: { [HEADERS.idempotencyKey]: freshKey() }, timeoutMs: 10_000 },
    );
  const unavailable = (error: unknown): boolean =>
    // From the provisioner, not from the caller's own clock.
    error instanceof RemoteError && error.code === "UNAVAILABLE" && error.retryable;
  await assert.rejects(ask(), unavailable);
  const asked = await world.enqueue(freshKey(), { template, user: someone() }, 60_000);
  await eventually(() => assert.match(world.services.provisioner.log(), /"retried":true/));
  await kubeLink.listen();
  await world.makeReady(template, 1);
  assert.equal((await asked.answer).session.state, "ready");

  kubeLink.freeze();
  try {
    await assert.rejects(
      acme.request(
        subjects.request("acme", "create"),
        { template, user: someone() },
        { headers: { [HEADERS.idempotencyKey]: freshKey() }, timeoutMs: 3000 },
      ),
      unavailable,
    );
  } finally {
    kubeLink.thaw();
  }
});
