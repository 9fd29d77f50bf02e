import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigMap, CONFIG_MAPS } from "../client/resources/configuration.ts";
import { isInvalid, isNotFound } from "../client/status-predicates.ts";
import { testClient } from "../client/testing/test-client.ts";
import { addFinalizerPatch, removeFinalizerPatch } from "./finalizer.ts";

const OURS = "carrel.dev/teardown";
const THEIRS = "example.com/theirs";

test("finalizers come and go one by one, whoever else changes them at the same time", async (t) => {
  const { client, namespace } = await testClient(t);
  const add = (object: ConfigMap, finalizer: string): Promise<ConfigMap> =>
    client.jsonPatch(CONFIG_MAPS, "x", addFinalizerPatch(object, finalizer) ?? [], { namespace });
  const remove = (object: ConfigMap, finalizer: string): Promise<ConfigMap> =>
    client.jsonPatch(CONFIG_MAPS, "x", removeFinalizerPatch(object, finalizer) ?? [], { namespace });

  const bare = await client.create(CONFIG_MAPS, { metadata: { name: "x", namespace } });
  const one = await add(bare, THEIRS);
  assert.deepEqual(one.metadata.finalizers, [THEIRS]);
  await assert.rejects(add(bare, OURS), isInvalid, "decided on a list that was not there yet");
  const two = await add(one, OURS);
  assert.deepEqual(two.metadata.finalizers, [THEIRS, OURS]);

  await client.delete(CONFIG_MAPS, "x", { namespace });
  const theirsGone = await remove(two, THEIRS);
  assert.deepEqual(theirsGone.metadata.finalizers, [OURS]);
  await assert.rejects(remove(two, OURS), isInvalid, "ours is at another place by now");
  await remove(theirsGone, OURS);
  await assert.rejects(client.get(CONFIG_MAPS, "x", { namespace }), isNotFound);

  const namesake = await client.create(CONFIG_MAPS, { metadata: { name: "x", namespace, finalizers: [OURS] } });
  await assert.rejects(remove(theirsGone, OURS), isInvalid, "same name, same place, another UID");
  await remove(namesake, OURS);
});
