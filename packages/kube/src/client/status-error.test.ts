import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError, statusErrorOf } from "./status-error.ts";
import {
  fieldConflicts,
  isAlreadyExists,
  isConflict,
  isFieldManagerConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isQuotaExceeded,
} from "./status-predicates.ts";

function refused(httpStatus: number, status: object): StatusError {
  return statusErrorOf(httpStatus, Buffer.from(JSON.stringify({ kind: "Status", ...status })), "GET /x");
}

test("a code for each reason; 409 is two different things", () => {
  const exists = refused(409, { reason: "AlreadyExists", code: 409, message: 'pods "a" already exists' });
  const conflict = refused(409, { reason: "Conflict", code: 409, message: "changed" });
  assert.deepEqual([exists.code, isAlreadyExists(exists), isConflict(exists)], ["KUBE_ALREADY_EXISTS", true, false]);
  assert.deepEqual([conflict.code, isAlreadyExists(conflict), isConflict(conflict)], ["KUBE_CONFLICT", false, true]);
  assert.ok(isGone(refused(410, { reason: "Gone" })) && isGone(refused(410, { reason: "Expired" })));
  assert.ok(isNotFound(refused(404, { reason: "NotFound" })) && isInvalid(refused(422, { reason: "Invalid" })));
  assert.equal(refused(418, { reason: "SomethingNew" }).code, "KUBE_UNKNOWN");
});

test("an error inside a watch counts by its own code, not by the 200 that it came with", () => {
  const error = new StatusError(200, { code: 410, reason: "Expired", message: "too old" }, "WATCH /x");
  assert.ok(isGone(error));
  assert.equal(error.status, 410);
});

test("an answer that is no Status is judged by its number, and its body stays out", () => {
  for (const body of ["<html>token=abc</html>", '{"token":"abc"}', ""]) {
    const error = statusErrorOf(502, Buffer.from(body), "GET /x");
    assert.deepEqual([error.code, error.reason, error.retryable], ["KUBE_UNAVAILABLE", "ServiceUnavailable", true]);
    assert.doesNotMatch(JSON.stringify(error) + error.message, /abc/);
  }
});

test("messages are bounded", () => {
  assert.ok(refused(400, { reason: "BadRequest", message: "x".repeat(1_000_000) }).message.length < 3000);
});

test("causes tell one 403 from another", () => {
  const terminating = refused(403, {
    reason: "Forbidden",
    message: "unable to create new content in namespace desk because it is being terminated",
    details: { causes: [{ reason: "NamespaceTerminating", field: "metadata.namespace" }] },
  });
  const quota = refused(403, {
    reason: "Forbidden",
    message: 'pods "a" is forbidden: exceeded quota: desk, requested: pods=1, used: pods=2, limited: pods=2',
  });
  assert.ok(isForbidden(terminating) && isNamespaceTerminating(terminating) && !isQuotaExceeded(terminating));
  assert.ok(isForbidden(quota) && isQuotaExceeded(quota) && !isNamespaceTerminating(quota));
});

test("a field manager's conflict names the fields and whose they are", () => {
  const error = refused(409, {
    reason: "Conflict",
    details: {
      causes: [{ reason: "FieldManagerConflict", field: ".data.a", message: 'conflict with "kubectl" using v1' }],
    },
  });
  assert.ok(isConflict(error) && isFieldManagerConflict(error));
  assert.deepEqual(fieldConflicts(error), [{ field: ".data.a", message: 'conflict with "kubectl" using v1' }]);
});

test("what may pass by itself is retryable; an apply of an undeclared field never passes", () => {
  const busy = refused(429, { reason: "TooManyRequests", details: { retryAfterSeconds: 7 } });
  assert.deepEqual([busy.retryable, busy.retryAfterMs], [true, 7000]);
  assert.equal(refused(500, { reason: "InternalError", message: "etcdserver: leader changed" }).retryable, true);
  const typed = "failed to create typed patch object (desk/a; /v1, Kind=ConfigMap): .dat: field not declared in schema";
  assert.equal(refused(500, { reason: "InternalError", message: typed }).retryable, false);
  assert.equal(refused(409, { reason: "Conflict" }).retryable, false);
});

test("predicates take anything", () => {
  for (const value of [undefined, null, new Error("x"), { code: "KUBE_NOT_FOUND", status: 404 }]) {
    assert.equal(isNotFound(value), false);
  }
});
