import { CarrelError } from "@carrel/std";
import type { AdmissionRequest, GroupVersionKind, Operation } from "./admission-request.ts";
import { asObject, at, listAt, stringAt, type JsonObject } from "./json-object.ts";

const OPERATIONS: ReadonlySet<string> = new Set<Operation>(["CREATE", "UPDATE", "DELETE", "CONNECT"]);

/**
 * Reads an `admission.k8s.io/v1` AdmissionReview.
 *
 * @throws CarrelError `REVIEW_UNDECODABLE` when a part that a decision needs is missing or has another shape.
 */
export function readReview(review: unknown): AdmissionRequest {
  const request = asObject(at(review, "request"));
  if (request === undefined) throw undecodable("request");
  const operation = required(request, "operation");
  if (!OPERATIONS.has(operation)) throw undecodable("request.operation");
  const username = stringAt(request, "userInfo", "username");
  if (username === undefined) throw undecodable("request.userInfo.username");
  const groups = listAt(request, "userInfo", "groups");
  if (!groups.every((group) => typeof group === "string")) throw undecodable("request.userInfo.groups");
  return {
    uid: required(request, "uid"),
    operation: operation as Operation,
    kind: kindOf(request),
    group: stringAt(request, "resource", "group") ?? "",
    resource: stringAt(request, "resource", "resource") ?? fail("request.resource.resource"),
    subresource: stringAt(request, "subResource") ?? "",
    name: stringAt(request, "name") ?? "",
    namespace: stringAt(request, "namespace") ?? "",
    user: { username, groups },
    object: objectOf(request, "object"),
    oldObject: objectOf(request, "oldObject"),
    dryRun: at(request, "dryRun") === true,
  };
}

function kindOf(request: JsonObject): GroupVersionKind {
  return {
    group: stringAt(request, "kind", "group") ?? "",
    version: stringAt(request, "kind", "version") ?? "",
    kind: stringAt(request, "kind", "kind") ?? fail("request.kind.kind"),
  };
}

function objectOf(request: JsonObject, field: "object" | "oldObject"): JsonObject | undefined {
  const value = at(request, field);
  if (value == null) return undefined;
  return asObject(value) ?? fail(`request.${field}`);
}

function required(request: JsonObject, field: string): string {
  const value = stringAt(request, field);
  return value === undefined || value === "" ? fail(`request.${field}`) : value;
}

function fail(field: string): never {
  throw undecodable(field);
}

function undecodable(field: string): CarrelError<"REVIEW_UNDECODABLE"> {
  return new CarrelError("REVIEW_UNDECODABLE", `the AdmissionReview has no usable ${field}`);
}
