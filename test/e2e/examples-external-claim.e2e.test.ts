import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CONFIG_MAPS, EVENTS, NAMESPACES, resource, SESSIONS, WORKSPACES, type KubeObject } from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { Examples, type Started } from "./support/examples.ts";
import { watchOrder } from "./support/watch-order.ts";

/**
 * deploy/examples/with-operator/external-claim.yaml. The test plays the operator of the claims: it reports that the thing
 * outside is there, and holds the claim by a finalizer for as long as it wants.
 */
const BUCKETS = resource<KubeObject>("cloud.example.com/v1", "Bucket", "buckets");
const FINALIZER = "cloud.example.com/outside";
let examples: Examples;

before(async () => {
  examples = await Examples.install();
  await examples.apply("operator/policy-profiles.yaml", "with-operator/external-claim.yaml");
});
after(() => examples[Symbol.asyncDispose]());

/** Serves the next new claim: finalizer first, as every operator does, then the status. */
async function serveOne(address: string): Promise<void> {
  const { client } = examples.carrel;
  const { metadata } = await eventually(
    async () => {
      const { items } = await client.list(BUCKETS);
      const found = items.find(({ metadata: { finalizers, deletionTimestamp } }) => !finalizers && !deletionTimestamp);
      assert.ok(found);
      return found;
    },
    { timeoutMs: 60_000, everyMs: 200 },
  );
  const { name, namespace = "" } = metadata;
  await client.mergePatch(BUCKETS, name, { metadata: { finalizers: [FINALIZER] } }, { namespace });
  const status = { address, conditions: [{ type: "Ready", status: "True", reason: "Made", message: "" }] };
  await client.mergePatch(BUCKETS, name, { status }, { namespace, subresource: "status" });
}

async function start(user: string, address: string): Promise<Started> {
  const [started] = await Promise.all([examples.start("external-claim", user), serveOne(address)]);
  return started;
}

async function claimIsMarked({ namespace }: Started): Promise<void> {
  await eventually(
    async () =>
      assert.ok((await examples.carrel.client.get(BUCKETS, "bucket", { namespace })).metadata.deletionTimestamp),
    { timeoutMs: 30_000, everyMs: 100 },
  );
}

const release = ({ namespace }: Started) =>
  examples.carrel.client.mergePatch(BUCKETS, "bucket", { metadata: { finalizers: null } }, { namespace });

test("the session waits for what is made outside, and its objects know the address", async (t) => {
  const { client } = examples.carrel;
  const started = await start("clara", "s3://clara");
  const { data } = await client.get(CONFIG_MAPS, "bucket", { namespace: started.namespace });
  assert.deepEqual(data, { address: "s3://clara" });

  await t.test("at the end it is deleted first, and its namespace lives until it is gone", async () => {
    await using order = await watchOrder(client, [BUCKETS, NAMESPACES]);
    const ended = examples.end(started);
    await claimIsMarked(started);
    assert.equal((await client.get(NAMESPACES, started.namespace)).metadata.deletionTimestamp, undefined);
    await release(started);
    await ended;
    const [bucket, namespace] = [order.gone.get("Bucket bucket"), order.marked.get(`Namespace ${started.namespace}`)];
    assert.ok(bucket !== undefined && namespace !== undefined && bucket < namespace, `${bucket} ${namespace}`);
  });
});

test("one that is never finished: bounded, named with its finalizer, which stays; then gone", async () => {
  const { backend, client } = examples.carrel;
  const started = await start("carl", "s3://carl");
  const { name } = started.session.metadata;
  const { uid } = (await client.get(WORKSPACES, started.namespace)).metadata;
  await backend.endSession(name);
  await claimIsMarked(started);
  const note = await eventually(
    async () => {
      const { items } = await client.list(EVENTS, { namespace: "default" });
      const event = items.find(({ reason, regarding }) => reason === "TeardownBlocked" && regarding?.uid === uid);
      assert.ok(event);
      return event.note ?? "";
    },
    { timeoutMs: 90_000, everyMs: 500 },
  );
  assert.match(note, /not gone after [34]\d s.*Bucket.*bucket.*cloud\.example\.com\/outside/s);
  await eventually(
    async () => assert.ok((await client.get(NAMESPACES, started.namespace)).metadata.deletionTimestamp),
    { timeoutMs: 30_000, everyMs: 250 },
  );
  const { metadata } = await client.get(BUCKETS, "bucket", { namespace: started.namespace });
  assert.deepEqual(metadata.finalizers, [FINALIZER]);
  assert.notEqual((await client.get(SESSIONS, name)).status?.phase, "Ended");

  await release(started);
  await examples.end(started);
});
