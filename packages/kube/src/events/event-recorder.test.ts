import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CarrelError } from "@carrel/std";
import { type ClientMetrics, createClientMetrics } from "../client/client-metrics.ts";
import type { Event } from "../client/resources/event.ts";
import { StatusError } from "../client/status-error.ts";
import { TransportError } from "../transport/transport-error.ts";
import { FakeClock } from "../workqueue/testing/fake-clock.ts";
import type { EventInput } from "./event-input.ts";
import { EventRecorder, type EventRecorderOptions } from "./event-recorder.ts";

/** What the recorder would have written, and when; time stands still until the test moves it. */
class Notebook {
  readonly clock = new FakeClock();
  readonly written: { readonly atMs: number; readonly reason: string; readonly count: number }[] = [];
  readonly dropped: Record<string, number> = {};
  failWith: (() => Error) | undefined;
  hang = false;
  readonly #created = new Map<string, string>();

  readonly client: EventRecorderOptions["client"] = {
    create: async <T>(_of: unknown, object: T, options: { readonly signal?: AbortSignal } = {}): Promise<T> => {
      const event = object as unknown as Event;
      await this.#answer(options.signal);
      this.#created.set(event.metadata.name, event.reason);
      this.#note(event.reason, event.series?.count ?? 1);
      return object;
    },
    mergePatch: async <T>(_of: unknown, name: string, patch: object): Promise<T> => {
      await this.#answer(undefined);
      this.#note(this.#created.get(name) ?? "unknown", (patch as { series: { count: number } }).series.count);
      return patch as T;
    },
  };

  get metrics(): ClientMetrics {
    const eventsDropped = {
      add: (value: number, attributes?: object) => {
        const { reason } = attributes as { reason: string };
        this.dropped[reason] = (this.dropped[reason] ?? 0) + value;
      },
    };
    return { ...createClientMetrics(), eventsDropped };
  }

  recorder(t: TestContext, options: Partial<EventRecorderOptions> = {}): EventRecorder {
    const { client, clock, metrics } = this;
    const recorder = new EventRecorder({ client, clock, metrics, controller: "c", instance: "i", ...options });
    t.after(async () => {
      const stopped = recorder[Symbol.asyncDispose]();
      await clock.advance(3_600_000);
      await stopped;
      assert.equal(clock.sleeping, 0, "a timer is left");
    });
    return recorder;
  }

  async #answer(signal: AbortSignal | undefined): Promise<void> {
    if (this.hang)
      await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
    if (this.failWith !== undefined) throw this.failWith();
  }

  #note(reason: string, count: number): void {
    this.written.push({ atMs: this.clock.monotonic(), reason, count });
  }
}

const event = (reason: string): EventInput => ({
  regarding: { kind: "Pod", namespace: "desk", name: "web", uid: "u1" },
  type: "Normal",
  reason,
  action: "Test",
  note: "",
});

test("first and second occurrence are written at once, then at most one write a minute", async (t) => {
  const book = new Notebook();
  const recorder = book.recorder(t);
  recorder.record(event("A"));
  await book.clock.advance(0);
  recorder.record(event("A"));
  await book.clock.advance(0);
  for (let second = 1; second <= 150; second++) {
    await book.clock.advance(1_000);
    recorder.record(event("A"));
  }
  await book.clock.advance(60_000);
  assert.deepEqual(
    book.written.map(({ atMs, count }) => [atMs, count]),
    [
      [0, 1],
      [0, 2],
      [60_000, 61],
      [120_000, 121],
      [180_000, 152],
    ],
  );
});

test("after six quiet minutes the same event is a new one", async (t) => {
  const book = new Notebook();
  const recorder = book.recorder(t);
  for (const pauseMs of [359_000, 360_000]) {
    recorder.record(event("A"));
    await book.clock.advance(pauseMs);
  }
  recorder.record(event("A"));
  await book.clock.advance(0);
  assert.deepEqual(
    book.written.map(({ count }) => count),
    [1, 2, 1],
  );
});

test("writes are limited, an event that comes during a pause is not forgotten", async (t) => {
  const book = new Notebook();
  const recorder = book.recorder(t, { burst: 3, perSecond: 2 });
  for (let i = 0; i < 6; i++) recorder.record(event(`E${i}`));
  await book.clock.advance(1_000);
  recorder.record(event("late"));
  await book.clock.advance(5_000);
  assert.deepEqual(
    book.written.map(({ atMs, reason }) => `${reason}@${atMs}`),
    ["E0@0", "E1@0", "E2@0", "E3@500", "E4@1000", "E5@1500", "late@2000"],
  );
});

test("what does not fit into the queue is dropped and counted; a repetition of what waits fits", async (t) => {
  const book = new Notebook();
  const recorder = book.recorder(t, { maxQueued: 3, burst: 1, perSecond: 0.001 });
  for (let i = 0; i < 10; i++) recorder.record(event(`E${i}`));
  recorder.record(event("E2"));
  assert.equal(recorder.dropped, 7);
  assert.deepEqual(book.dropped, { queue_full: 7 });
});

test("an unreachable API server is tried again, more and more slowly, and then given up", async (t) => {
  const book = new Notebook();
  const recorder = book.recorder(t);
  let tries = 0;
  book.failWith = () => {
    tries++;
    return new TransportError("KUBE_UNREACHABLE", "away", { sent: false });
  };
  recorder.record(event("A"));
  await book.clock.advance(1_500);
  assert.ok(tries >= 2 && tries < 6, `${tries} tries in the first 1.5 s`);
  await book.clock.advance(300_000);
  assert.equal(tries, 6);
  assert.deepEqual(book.dropped, { unreachable: 1 });

  book.failWith = undefined;
  recorder.record(event("A"));
  await book.clock.advance(0);
  assert.equal(book.written.length, 1);
});

test("a refusal is not tried again; an answer lost on the way is found to have been a success", async (t) => {
  const book = new Notebook();
  const recorder = book.recorder(t);
  const refusals = [{ reason: "Forbidden" }, { reason: "AlreadyExists" }];
  for (const status of refusals) {
    book.failWith = () => new StatusError(403, status, "POST");
    recorder.record(event(status.reason));
    await book.clock.advance(0);
  }
  assert.deepEqual(book.dropped, { refused: 2 });

  book.failWith = () => new TransportError("KUBE_CONNECTION_LOST", "cut", { sent: true });
  recorder.record(event("Lost"));
  await book.clock.advance(0);
  book.failWith = () => new StatusError(409, { reason: "AlreadyExists" }, "POST");
  await book.clock.advance(30_000);
  assert.equal(recorder.dropped, 2);
});

test("stopping writes what waits at once, but for no longer than it may take", async (t) => {
  const quick = new Notebook();
  const recorder = quick.recorder(t);
  recorder.record(event("A"));
  await quick.clock.advance(0);
  for (let i = 0; i < 5; i++) recorder.record(event("A"));
  await quick.clock.advance(0);
  recorder.record(event("A"));
  await recorder[Symbol.asyncDispose]();
  assert.deepEqual(
    quick.written.map(({ count }) => count),
    [1, 6, 7],
  );
  recorder.record(event("B"));
  assert.deepEqual(quick.dropped, { stopped: 1 });

  const stuck = new Notebook();
  stuck.hang = true;
  const stuckRecorder = stuck.recorder(t);
  for (const reason of ["A", "B", "C"]) stuckRecorder.record(event(reason));
  const stopping = stuckRecorder[Symbol.asyncDispose]();
  await stuck.clock.advance(3_000);
  await stopping;
  assert.deepEqual(stuck.dropped, { stopped: 3 });
});

test("an error of the recorder's own kind is no reason to throw at its caller", async (t) => {
  const book = new Notebook();
  book.failWith = () => new CarrelError("INVALID", "no namespace");
  const recorder = book.recorder(t);
  recorder.record(event("A"));
  await book.clock.advance(0);
  assert.deepEqual(book.dropped, { refused: 1 });
});
