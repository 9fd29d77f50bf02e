import assert from "node:assert/strict";
import { test } from "node:test";
import { CarrelError } from "@carrel/std";
import { StatusError } from "../client/status-error.ts";
import { TransportError } from "../transport/transport-error.ts";
import { failureOf } from "./outcome.ts";
import { TerminalError } from "./terminal-error.ts";

test("what a reconcile threw is named by what can be done about it", () => {
  assert.equal(failureOf(new TerminalError("no such class")), "terminal");
  assert.equal(failureOf(new StatusError(409, { reason: "Conflict" }, "PUT /x")), "conflict");
  assert.equal(failureOf(new StatusError(409, { reason: "AlreadyExists" }, "POST /x")), "error");
  assert.equal(failureOf(new StatusError(500, {}, "GET /x")), "error");
  assert.equal(failureOf(new TransportError("KUBE_UNREACHABLE", "refused", { sent: false })), "unreachable");
  assert.equal(failureOf(new TransportError("KUBE_CONNECTION_LOST", "cut", { sent: true })), "error");
  assert.equal(failureOf(new CarrelError("QUOTA", "full")), "error");
  assert.equal(failureOf(new Error("anything")), "error");
  assert.equal(failureOf(new TypeError("x is undefined")), "panic");
  assert.equal(failureOf("a string"), "panic");
});
