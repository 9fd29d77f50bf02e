import { GROUP } from "@carrel/api";
import type { AdmissionRequest } from "../review/admission-request.ts";
import { carrelWriters } from "../rules/carrel-writers.ts";
import { clusterScope } from "../rules/cluster-scope.ts";
import { decodable } from "../rules/decodable.ts";
import { namespaceLabels, namespaceWriters } from "../rules/namespaces.ts";
import { OBJECT_RULES } from "../rules/object-rules.ts";
import { phases } from "../rules/phases.ts";
import { REQUEST_RULES } from "../rules/request-rules.ts";
import type { ObjectRule, RequestRule } from "../rules/rule.ts";

/** The rules for one sort of request. */
export interface Route {
  readonly requestRules: readonly RequestRule[];
  readonly objectRules: readonly ObjectRule[];
  /** The facts about the namespace's workspace are needed. */
  readonly needsWorkspace: boolean;
}

const CARREL: Route = { requestRules: [decodable, carrelWriters, phases], objectRules: [], needsWorkspace: false };
const NAMESPACES: Route = {
  requestRules: [decodable, namespaceWriters, namespaceLabels],
  objectRules: [],
  needsWorkspace: false,
};
const CLUSTER: Route = { requestRules: [clusterScope], objectRules: [], needsWorkspace: false };
const IN_WORKSPACE: Route = { requestRules: REQUEST_RULES, objectRules: OBJECT_RULES, needsWorkspace: true };

/** Which rules a request is judged by. */
export function routeOf(request: AdmissionRequest): Route {
  if (request.group === GROUP) return CARREL;
  // The API server gives namespace objects their own name as namespace.
  if (request.group === "" && request.resource === "namespaces") return NAMESPACES;
  return request.namespace === "" ? CLUSTER : IN_WORKSPACE;
}
