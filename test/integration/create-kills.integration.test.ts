import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LABELS, sessionName } from "@carrel/api";
import {
  LIMIT_RANGES,
  NAMESPACES,
  NETWORK_POLICIES,
  PODS,
  RESOURCE_QUOTAS,
  ROLE_BINDINGS,
  SERVICE_ACCOUNTS,
  SESSIONS,
  TENANTS,
  WORKSPACES,
  type Resource,
} from "@carrel/kube";
import type { Messaging } from "@carrel/messaging";
import { installationRights, playKubelet, startSessionServices, type SessionServices } from "@carrel/servicekit";
import { eventually, faults, startFaultProxy, type Fault, type FaultProxy } from "@carrel/testkit";

/** Deliveries of each create: the first, and ten more of the same. */
const DUPLICATES = 10;
/** Calls of a session's: no watches, no election. Caches are full by then. */
const CALLS = { watch: false, path: /^(?!.*\/leases)/ } as const;
const CONTENTS: readonly Resource[] = [
  SERVICE_ACCOUNTS,
  RESOURCE_QUOTAS,
  LIMIT_RANGES,
  NETWORK_POLICIES,
  ROLE_BINDINGS,
  PODS,
];

let services: SessionServices;
let proxy: FaultProxy;
let acme: Messaging;
let template: string;
const resources = new AsyncDisposableStack();
before(async () => {
  services = resources.use(
    await startSessionServices({
      async provisionerKubeconfig(controlPlane) {
        const rights = await installationRights(controlPlane, {});
        const token = await rights.tokenOf("provisioner");
        proxy = resources.use(await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token }));
        return proxy.kubeconfigPath;
      },
    }),
  );
  resources.use(playKubelet(services.client));
  await services.client.mergePatch(TENANTS, "acme", { spec: { maxSessions: 1000 } });
  acme = await services.backend("acme");
  template = await services.template();
});
after(() => resources.disposeAsync());

/** All that is there of a session: what must be the same however often the provisioner died. */
async function contentsOf(namespace: string): Promise<string[]> {
  const lists = await Promise.all(
    CONTENTS.map(async (of) => {
      const { items } = await services.client.list(of, { namespace });
      return items
        .map(({ metadata }) => `${of.kind}/${metadata.name}`)
        .filter((name) => name !== "ServiceAccount/default");
    }),
  );
  return lists.flat().sort();
}

/** Sends a create and ten of the same; each is sent again until it is answered. */
function deliver(key: string): Promise<unknown> {
  const send = (): Promise<unknown> =>
    eventually(
      () =>
        acme.request(
          "carrel.v1.acme.session.create",
          { template, user: { id: key }, wait: "accepted" },
          { headers: { "Idempotency-Key": key }, timeoutMs: 3_000 },
        ),
      { timeoutMs: 60_000 },
    );
  return Promise.all(Array.from({ length: 1 + DUPLICATES }, send));
}

/** Waits until the session is ready and answers with its workspace's name. */
async function untilReady(key: string): Promise<string> {
  return await eventually(
    async () => {
      const { spec, status } = await services.client.get(SESSIONS, sessionName("acme", key));
      assert.equal(status?.phase, "Ready");
      return spec.workspace;
    },
    // One lease, should the killed one have held it in another process' name, and what comes after.
    { timeoutMs: 40_000 },
  );
}

/** Creates a session whose provisioner is killed at its k-th call; false when there was no such call. */
async function createAndKill(key: string, k: number, fault: Fault): Promise<boolean> {
  const injected = proxy.inject({ ...CALLS, after: k - 1, times: 1 }, fault);
  const delivering = deliver(key);
  const settled = untilReady(key).catch(() => undefined);
  const met = eventually(() => assert.equal(injected.hits, 1), { timeoutMs: 15_000, everyMs: 2 }).then(
    () => true,
    () => false,
  );
  // Without such a call it becomes ready all the same.
  const killed = await Promise.race([met, settled.then(() => injected.hits === 1)]);
  if (killed) await services.provisioner.kill();
  injected.remove();
  if (killed) await services.provisioner.start();
  await delivering;
  return killed;
}

test("killed before or after any of its calls, with ten more deliveries: one session, whole, and nothing beside it", async (t) => {
  await deliver("reference");
  const expected = await contentsOf(await untilReady("reference"));
  assert.ok(expected.length >= 8, expected.join(" "));

  const made = [sessionName("acme", "reference")];
  for (const [when, fault] of [
    ["before", faults.blackHole()],
    ["after", faults.freeze(0)],
  ] as const) {
    let k = 1;
    for (; k < 60; k++) {
      const key = `${when}-${k}`;
      const killed = await createAndKill(key, k, fault);
      const workspace = await untilReady(key);
      made.push(sessionName("acme", key));
      await eventually(async () => assert.deepEqual(await contentsOf(workspace), expected, key), { timeoutMs: 20_000 });
      if (!killed) break;
    }
    t.diagnostic(`killed ${when} each of ${k - 1} calls`);
    assert.ok(k > 10, `${when}: only ${k - 1} calls were met`);
    assert.ok(k < 60, "a session never came to its end");
  }

  const sessions = (await services.client.list(SESSIONS)).items.filter(({ spec }) => spec.template.name === template);
  assert.deepEqual(sessions.map(({ metadata }) => metadata.name).sort(), made.toSorted());
  const workspaces = (await services.client.list(WORKSPACES)).items;
  assert.equal(workspaces.length, made.length, "a workspace too many");
  assert.equal(new Set(workspaces.map(({ spec }) => spec.session?.uid)).size, made.length);
  const namespaces = await services.client.list(NAMESPACES, { labelSelector: LABELS.workspace });
  assert.deepEqual(
    namespaces.items.map(({ metadata }) => metadata.name).sort(),
    workspaces.map(({ metadata }) => metadata.name).sort(),
  );

  await Promise.all(made.map((session) => services.ask("end", { session })));
  await eventually(
    async () => {
      assert.equal((await services.client.list(WORKSPACES)).items.length, 0);
      assert.equal((await services.client.list(NAMESPACES, { labelSelector: LABELS.workspace })).items.length, 0);
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
});
