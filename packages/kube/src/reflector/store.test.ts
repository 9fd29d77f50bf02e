import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KubeObject } from "../client/resource.ts";
import { objectKey } from "../object/object-key.ts";
import type { Change } from "./change.ts";
import { Store } from "./store.ts";

interface Thing extends KubeObject {
  readonly colour?: string;
}

function thing(name: string, uid: string, version: number, colour?: string, namespace = "ns"): Thing {
  const metadata = { name, namespace, uid, resourceVersion: String(version) };
  return { metadata, ...(colour !== undefined && { colour }) };
}

function makeStore(): { store: Store<Thing>; errors: unknown[] } {
  const errors: unknown[] = [];
  const store = new Store<Thing>((_index, error) => errors.push(error));
  store.addIndex("colour", ({ colour }) => (colour === undefined ? [] : [colour]));
  return { store, errors };
}

test("add, update, the same version again, delete", () => {
  const { store } = makeStore();
  assert.deepEqual(store.upsert(thing("a", "1", 1)), [{ type: "added", object: thing("a", "1", 1) }]);
  assert.deepEqual(store.upsert(thing("a", "1", 1)), []);
  const [update] = store.upsert(thing("a", "1", 2));
  assert.equal(update?.type, "updated");
  // The final state is reported, not the last one that was stored.
  assert.deepEqual(store.remove(thing("a", "1", 3)), [{ type: "deleted", object: thing("a", "1", 3) }]);
  assert.deepEqual(store.remove(thing("a", "1", 3)), []);
  assert.equal(store.size, 0);
});

test("another UID under the same name is a deletion and an add", () => {
  const { store } = makeStore();
  store.upsert(thing("a", "1", 1, "red"));
  assert.deepEqual(store.upsert(thing("a", "2", 5, "blue")), [
    { type: "deleted", object: thing("a", "1", 1, "red") },
    { type: "added", object: thing("a", "2", 5, "blue") },
  ]);
  assert.deepEqual(store.byIndex("colour", "red"), []);
  assert.deepEqual(store.remove(thing("a", "3", 9)), [{ type: "deleted", object: thing("a", "2", 5, "blue") }]);
});

test("what is stored is frozen through and through", () => {
  const { store } = makeStore();
  store.upsert({ metadata: { name: "a", labels: { x: "1" }, finalizers: ["f"] } });
  const { metadata } = store.get("a") ?? assert.fail("not stored");
  assert.throws(() => Object.assign(metadata.labels ?? {}, { x: "2" }), TypeError);
  assert.throws(() => (metadata.finalizers as string[]).push("g"), TypeError);
});

test("reads by name, namespace and key; objects without a namespace", () => {
  const { store } = makeStore();
  store.upsert(thing("a", "1", 1));
  store.upsert(thing("a", "2", 2, undefined, "other"));
  store.upsert({ metadata: { name: "a", uid: "3", resourceVersion: "3" } });
  assert.equal(store.get("a", "ns")?.metadata.uid, "1");
  assert.equal(store.get("a")?.metadata.uid, "3");
  assert.equal(store.getByKey("other/a")?.metadata.uid, "2");
  assert.equal(store.list().length, 3);
  assert.equal(store.list("ns").length, 1);
  assert.equal(store.list("none").length, 0);
});

test("indexes: added late, following changes, unknown, twice, and one whose function throws", () => {
  const { store, errors } = makeStore();
  store.upsert(thing("a", "1", 1, "red"));
  store.upsert(thing("b", "2", 2, "red"));
  const initial = ({ metadata }: Thing): readonly string[] => [metadata.name];
  store.addIndex("name", initial);
  store.addIndex("name", initial);
  assert.throws(() => store.addIndex("name", () => []), /another index/);
  assert.throws(() => store.byIndex("nope", "x"), /no index/);
  store.upsert(thing("a", "1", 3, "blue"));
  assert.deepEqual(names(store.byIndex("colour", "red")), ["b"]);
  assert.deepEqual(names(store.byIndex("colour", "blue")), ["a"]);
  assert.deepEqual(names(store.byIndex("name", "b")), ["b"]);

  store.addIndex("broken", ({ metadata }) => {
    if (metadata.name === "b") throw new Error("bug");
    return ["all"];
  });
  assert.equal(errors.length, 1);
  assert.deepEqual(names(store.byIndex("broken", "all")), ["a"]);
  assert.equal(store.size, 2);
});

function names(things: readonly Thing[]): readonly string[] {
  return things.map(({ metadata }) => metadata.name).toSorted();
}

const aThing = fc
  .record({
    name: fc.constantFrom("a", "b", "c", "d"),
    uid: fc.constantFrom("1", "2"),
    version: fc.integer({ min: 1, max: 6 }),
    colour: fc.constantFrom("red", "blue"),
  })
  .map(({ name, uid, version, colour }) => thing(name, uid, version, colour));
const step = fc.oneof(
  fc.record({ do: fc.constant("upsert" as const), object: aThing }),
  fc.record({ do: fc.constant("remove" as const), object: aThing }),
  fc.record({ do: fc.constant("replace" as const), objects: fc.uniqueArray(aThing, { selector: objectKey }) }),
);

test("whoever follows the changes has exactly the store, for any sequence of writes and relists", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const { store } = makeStore();
      const mirror = new Map<string, Thing>();
      const follow = (change: Change<Thing>): void => {
        const key = objectKey(change.object);
        const known = mirror.get(key);
        switch (change.type) {
          case "added":
            assert.equal(known, undefined);
            break;
          case "updated":
            assert.equal(known, change.old);
            assert.equal(known?.metadata.uid, change.object.metadata.uid);
            break;
          case "deleted":
            assert.equal(known?.metadata.uid, change.object.metadata.uid);
            mirror.delete(key);
            return;
        }
        mirror.set(key, change.object);
      };
      for (const action of steps) {
        if (action.do === "upsert") store.upsert(action.object).forEach(follow);
        else if (action.do === "remove") store.remove(action.object).forEach(follow);
        else {
          for (const change of store.retain(new Set(action.objects.map(objectKey)))) follow(change);
          for (const object of action.objects) store.upsert(object).forEach(follow);
          assert.deepEqual(uids(store.list()), uids(action.objects));
        }
        assert.deepEqual(new Set(store.list()), new Set(mirror.values()));
        for (const colour of ["red", "blue"]) {
          const expected = store.list().filter((object) => object.colour === colour);
          assert.deepEqual(new Set(store.byIndex("colour", colour)), new Set(expected));
        }
      }
    }),
    { numRuns: 500 },
  );
});

function uids(things: readonly Thing[]): readonly string[] {
  return things.map((object) => `${objectKey(object)} ${object.metadata.uid}`).toSorted();
}
