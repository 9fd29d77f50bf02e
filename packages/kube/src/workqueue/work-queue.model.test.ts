import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "./testing/fake-clock.ts";
import { PRIORITIES, type Priority } from "./priority.ts";
import { WorkQueue } from "./work-queue.ts";

/** What must hold, in the simplest words: which keys are wanted now, wanted at a time, and held. */
interface Model {
  readonly wanted: Set<string>;
  readonly wantedAt: Map<string, number>;
  readonly held: Set<string>;
  nowMs: number;
}

interface Real {
  readonly queue: WorkQueue;
  readonly clock: FakeClock;
}

type Command = fc.AsyncCommand<Model, Real>;

const BACKOFF = { baseMs: 7, maxMs: 500, jitter: 0 };

/** Keys that a get may hand out now. */
function available(model: Model): readonly string[] {
  return [...model.wanted].filter((key) => !model.held.has(key));
}

function wantAt(model: Model, key: string, atMs: number): void {
  if (atMs <= model.nowMs) model.wanted.add(key);
  else model.wantedAt.set(key, Math.min(model.wantedAt.get(key) ?? Infinity, atMs));
}

class Add implements Command {
  readonly key: string;
  readonly priority: Priority;
  constructor(key: string, priority: Priority) {
    this.key = key;
    this.priority = priority;
  }
  check = (): boolean => true;
  async run(model: Model, { queue }: Real): Promise<void> {
    queue.add(this.key, this.priority);
    model.wanted.add(this.key);
  }
  toString = (): string => `add(${this.key}, ${this.priority})`;
}

class AddAfter implements Command {
  readonly key: string;
  readonly delayMs: number;
  constructor(key: string, delayMs: number) {
    this.key = key;
    this.delayMs = delayMs;
  }
  check = (): boolean => true;
  async run(model: Model, { queue }: Real): Promise<void> {
    queue.addAfter(this.key, this.delayMs);
    wantAt(model, this.key, model.nowMs + this.delayMs);
  }
  toString = (): string => `addAfter(${this.key}, ${this.delayMs})`;
}

class Retry implements Command {
  readonly key: string;
  constructor(key: string) {
    this.key = key;
  }
  check = (): boolean => true;
  async run(model: Model, { queue }: Real): Promise<void> {
    const failures = queue.failures(this.key);
    const delayMs = queue.addRateLimited(this.key);
    assert.ok(delayMs >= Math.min(BACKOFF.maxMs, BACKOFF.baseMs * 2 ** failures));
    wantAt(model, this.key, model.nowMs + delayMs);
  }
  toString = (): string => `retry(${this.key})`;
}

class Get implements Command {
  check = (model: Readonly<Model>): boolean => available(model).length > 0;
  async run(model: Model, { queue }: Real): Promise<void> {
    const key = await queue.get(AbortSignal.timeout(1000));
    assert.ok(key !== undefined && !model.held.has(key), `${key} has a holder already`);
    assert.ok(model.wanted.has(key), `${key} is not wanted`);
    model.wanted.delete(key);
    model.held.add(key);
  }
  toString = (): string => "get";
}

class Done implements Command {
  readonly pick: number;
  constructor(pick: number) {
    this.pick = pick;
  }
  check = (model: Readonly<Model>): boolean => model.held.size > 0;
  async run(model: Model, { queue }: Real): Promise<void> {
    const key = [...model.held][this.pick % model.held.size] ?? "";
    queue.done(key);
    model.held.delete(key);
  }
  toString = (): string => `done(${this.pick})`;
}

class Advance implements Command {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check = (): boolean => true;
  async run(model: Model, { queue, clock }: Real): Promise<void> {
    await clock.advance(this.ms);
    model.nowMs += this.ms;
    for (const [key, atMs] of model.wantedAt) {
      if (atMs > model.nowMs) continue;
      model.wantedAt.delete(key);
      model.wanted.add(key);
    }
    assert.equal(queue.depth, available(model).length);
    assert.equal(queue.size, new Set([...model.wanted, ...model.wantedAt.keys(), ...model.held]).size);
  }
  toString = (): string => `advance(${this.ms})`;
}

const key = fc.constantFrom("a", "b", "c", "d", "e");
const commands = [
  fc.tuple(key, fc.constantFrom(...PRIORITIES)).map(([k, priority]) => new Add(k, priority)),
  fc.tuple(key, fc.integer({ min: 0, max: 300 })).map(([k, delayMs]) => new AddAfter(k, delayMs)),
  key.map((k) => new Retry(k)),
  fc.constant(new Get()),
  fc.nat(10).map((pick) => new Done(pick)),
  fc.integer({ min: 1, max: 200 }).map((ms) => new Advance(ms)),
];

test("no key is ever lost and none has two holders, whatever the order of calls", async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 80, size: "max" }), async (program) => {
      const clock = new FakeClock();
      const queue = new WorkQueue({ name: "model", clock, backoff: BACKOFF });
      const model: Model = { wanted: new Set(), wantedAt: new Map(), held: new Set(), nowMs: 0 };
      await fc.asyncModelRun(() => ({ model, real: { queue, clock } }), program);

      // In the end everybody lets go, time passes, and exactly what the model wants comes out.
      for (const held of model.held) queue.done(held);
      await clock.advance(60_000);
      const owed = new Set([...model.wanted, ...model.wantedAt.keys()]);
      queue.shutdown("drain");
      for (let next = await queue.get(); next !== undefined; next = await queue.get()) {
        assert.ok(owed.delete(next), `${next} was not owed`);
        queue.done(next);
      }
      assert.deepEqual([...owed], []);
      assert.equal(queue.size, 0);
      assert.equal(clock.sleeping, 0);
    }),
    { numRuns: 1000 },
  );
});
