import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "./slots.ts";

const NEVER = new AbortController().signal;

test("slots are given in turn, to a bounded number of waiters", async () => {
  const slots = new Slots(1, 2);
  assert.equal(await slots.take(NEVER), true);
  const order: string[] = [];
  const wait = async (name: string): Promise<void> => {
    if (await slots.take(NEVER)) order.push(name);
  };
  const first = wait("first");
  const second = wait("second");
  assert.equal(await slots.take(NEVER), false, "too many wait");
  slots.release();
  await first;
  slots.release();
  await second;
  assert.deepEqual(order, ["first", "second"]);
});

test("a waiter that gives up takes no slot", async () => {
  const slots = new Slots(1, 2);
  await slots.take(NEVER);
  const patience = new AbortController();
  const impatient = slots.take(patience.signal);
  const patient = slots.take(NEVER);
  patience.abort(new Error("enough"));
  assert.equal(await impatient, false);
  slots.release();
  assert.equal(await patient, true);
  assert.equal(await slots.take(AbortSignal.abort(new Error("gone"))), false);
});
