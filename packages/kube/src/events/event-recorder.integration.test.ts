import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, uniqueName } from "@carrel/testkit";
import type { KubeClient } from "../client/kube-client.ts";
import { CONFIG_MAPS } from "../client/resources/configuration.ts";
import { type Event, EVENTS } from "../client/resources/event.ts";
import { NAMESPACES } from "../client/resources/namespace.ts";
import { testClient } from "../client/testing/test-client.ts";
import { objectReference } from "../object/object-reference.ts";
import { EventRecorder } from "./event-recorder.ts";

const reporter = { controller: "carrel.dev/test", instance: "test-1" };
const word = { type: "Normal", reason: "Tested", action: "Test", note: "It was tested." } as const;

async function eventsOf(client: KubeClient, namespace: string, name: string): Promise<readonly Event[]> {
  return (await client.list(EVENTS, { namespace, fieldSelector: `regarding.name=${name}` })).items;
}

test("an event is written once, its repetition becomes a series, stopping writes the last count", async (t) => {
  const { client, namespace } = await testClient(t);
  const object = await client.create(CONFIG_MAPS, { metadata: { name: "subject", namespace } });
  const regarding = objectReference(CONFIG_MAPS, object);
  {
    await using recorder = new EventRecorder({ client, ...reporter });
    recorder.record({ ...word, regarding });
    const [first] = await eventually(async () => {
      const found = await eventsOf(client, namespace, "subject");
      assert.equal(found.length, 1);
      return found;
    });
    assert.ok(first !== undefined);
    const { type, reason, action, note, reportingController, reportingInstance, series } = first;
    assert.deepEqual({ type, reason, action, note }, word);
    assert.deepEqual([reportingController, reportingInstance, series], ["carrel.dev/test", "test-1", undefined]);
    assert.deepEqual(first.regarding, regarding);

    for (let i = 0; i < 9; i++) recorder.record({ ...word, regarding: { ...regarding, resourceVersion: String(i) } });
    recorder.record({ ...word, reason: "Other", type: "Warning", regarding });
  }
  const found = await eventsOf(client, namespace, "subject");
  const counts = Object.fromEntries(found.map((event) => [event.reason, event.series?.count ?? 1]));
  assert.deepEqual(counts, { Tested: 10, Other: 1 });
});

test("a series whose Event has expired goes on in another one", async (t) => {
  const { client, namespace } = await testClient(t);
  const object = await client.create(CONFIG_MAPS, { metadata: { name: "subject", namespace } });
  const regarding = objectReference(CONFIG_MAPS, object);
  await using recorder = new EventRecorder({ client, ...reporter });
  recorder.record({ ...word, regarding });
  await eventually(async () => assert.equal((await eventsOf(client, namespace, "subject")).length, 1));
  await client.deleteCollection(EVENTS, { namespace });
  recorder.record({ ...word, regarding });
  await eventually(async () => {
    const [event] = await eventsOf(client, namespace, "subject");
    assert.equal(event?.series?.count, 2);
  });
  assert.equal(recorder.dropped, 0);
});

test("cluster-scoped subjects, long notes, long names: all are accepted", async (t) => {
  const { client } = await testClient(t);
  const name = uniqueName("n".repeat(50));
  const subject = await client.create(NAMESPACES, { metadata: { name } });
  {
    await using recorder = new EventRecorder({ client, controller: "carrel.dev/test", instance: "i".repeat(300) });
    recorder.record({ ...word, note: `${"x".repeat(1018)}🦊🦊🦊`, regarding: objectReference(NAMESPACES, subject) });
    assert.equal(recorder.dropped, 0);
  }
  const [event] = await eventsOf(client, "default", name);
  assert.ok(event?.note !== undefined);
  assert.equal(Buffer.byteLength(event.note), 1021, "1,018 and an ellipsis: a fox more would be 1,025");
  assert.match(event.note, /^x+…$/);
});

test("what the API server refuses is dropped and counted, and holds nothing up", async (t) => {
  const { client, namespace } = await testClient(t);
  const regarding = { kind: "ConfigMap", name: "nowhere", namespace: uniqueName("no-such") };
  {
    await using recorder = new EventRecorder({ client, ...reporter });
    recorder.record({ ...word, regarding });
    recorder.record({ ...word, regarding: { kind: "ConfigMap", name: "here", namespace } });
    await eventually(() => assert.equal(recorder.dropped, 1));
  }
  assert.equal((await eventsOf(client, namespace, "here")).length, 1);
});
