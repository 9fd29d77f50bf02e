import assert from "node:assert/strict";
import { test } from "node:test";
import { StartWindow } from "./start-window.ts";

/** Starts as many of a lane as may; returns how many. */
function fill(window: StartWindow, lane: string, prefix: string): number {
  let count = 0;
  for (; window.isOpen(lane); count++) window.update(`${prefix}${count}`, lane, "starting");
  return count;
}

test("as many start as may, and each that is ready makes room", () => {
  const window = new StartWindow(4);
  assert.equal(fill(window, "a", "x"), 4);
  window.ready("x0");
  assert.equal(fill(window, "a", "y"), 1);
  window.gone("x1");
  assert.equal(window.isOpen("b"), true);
});

test("a desk that fits nowhere stops its template, and others come one at a time", () => {
  const window = new StartWindow(8);
  window.update("a0", "a", "stuck");
  assert.equal(window.isOpen("a"), false);
  assert.equal(fill(window, "b", "b"), 1);
  window.ready("b0");
  assert.equal(fill(window, "b", "c"), 1);
});

test("after nodes were full the window opens by what becomes ready", () => {
  const window = new StartWindow(8);
  window.update("a0", "a", "stuck");
  window.update("a0", "a", "starting");
  assert.equal(window.stuck, 0);
  window.ready("a0");
  assert.equal(fill(window, "a", "b"), 2);
  window.ready("b0");
  window.ready("b1");
  assert.equal(fill(window, "a", "c"), 4);
});

test("desks that fail or wait for something else leave their room to others", () => {
  const window = new StartWindow(2);
  for (const id of ["a", "b", "c"]) {
    window.update(id, "l", "starting");
    window.update(id, "l", "lingering");
  }
  assert.equal(fill(window, "l", "x"), 2);
  window.ready("a");
  assert.equal(window.isOpen("l"), false);
});

test("who is told of twice, or was never told of, changes nothing", () => {
  const window = new StartWindow(2);
  window.update("a", "l", "stuck");
  window.update("a", "l", "stuck");
  assert.deepEqual([window.starting, window.stuck, window.stuckIn("l")], [0, 1, ["a"]]);
  window.ready("unknown");
  window.gone("a");
  window.gone("a");
  assert.deepEqual([window.starting, window.stuck, window.stuckIn("l")], [0, 0, []]);
});
