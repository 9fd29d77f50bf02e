import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "@carrel/testkit";
import { codeOf, freshKey, someone, startFaultyServices } from "./support/nats-faults.ts";

test("without JetStream the core path is whole, the probe tells what is missing, and it comes by itself", async () => {
  await using world = await startFaultyServices({ jetstream: false });
  const { services, client } = world;
  const port = /"probesPort":(\d+)/.exec(services.provisioner.log())?.[1];
  const readiness = async (): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    return [answer.status, await answer.json()];
  };
  const degraded = { status: "ok", degraded: { "create-async": "the NATS server has no JetStream" } };
  await eventually(async () => assert.deepEqual(await readiness(), [200, degraded]));
  const template = await world.template();
  const { session } = await client.createSession({ template, user: someone(), wait: "accepted" });
  assert.equal(session.state, "pending");
  await services.nats.restart({ jetstream: true });
  await eventually(async () => assert.deepEqual(await readiness(), [200, { status: "ok" }]), { timeoutMs: 40_000 });
  // The caller's own connection may come back later than the provisioner's.
  const key = freshKey();
  const request = { template, user: someone(), wait: "accepted" } as const;
  const asked = await eventually(() => world.enqueue(key, request), { timeoutMs: 40_000 });
  assert.equal(await codeOf(asked.answer), "OK");
});
