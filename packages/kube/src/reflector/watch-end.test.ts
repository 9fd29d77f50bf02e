import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../client/status-error.ts";
import { TransportError } from "../transport/transport-error.ts";
import { endOf, needsRelist } from "./watch-end.ts";

test("the reason is read from the status; no status is a lost connection", () => {
  const byStatus = { 410: "expired", 429: "throttled", 401: "denied", 403: "denied", 400: "refused", 404: "refused" };
  for (const [status, reason] of Object.entries(byStatus)) {
    assert.equal(endOf(new StatusError(Number(status), {}, "WATCH /x")).reason, reason, status);
  }
  for (const status of [500, 502, 503, 504]) {
    assert.equal(endOf(new StatusError(status, {}, "WATCH /x")).reason, "server_error");
  }
  assert.equal(endOf(new TransportError("KUBE_CONNECTION_LOST", "gone", { sent: true })).reason, "lost");
  assert.equal(endOf(new TypeError("bug")).reason, "lost");
});

test("an ERROR line of a watch carries 410 in its code, under HTTP 200", () => {
  assert.equal(endOf(new StatusError(200, { code: 410, reason: "Expired" }, "WATCH /x")).reason, "expired");
});

test("only a version that is of no use any more asks for a new list", () => {
  const relisting = ["expired", "disordered", "refused"] as const;
  const resuming = ["closed", "silent", "throttled", "denied", "server_error", "lost"] as const;
  for (const reason of relisting) assert.equal(needsRelist(reason), true, reason);
  for (const reason of resuming) assert.equal(needsRelist(reason), false, reason);
});
