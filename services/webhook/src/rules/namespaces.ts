import { LABELS } from "@carrel/api";
import type { ActorRole, CarrelService } from "../actors/actor.ts";
import { mapAt } from "../review/json-object.ts";
import { isOneOf, refuse } from "./carrel-writers.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

/** `subresource OPERATION`: creation never deletes, deletion never creates. */
const WRITERS: Readonly<Record<string, readonly (CarrelService | ActorRole)[]>> = {
  " CREATE": ["provisioner", "operator"],
  " UPDATE": ["provisioner", "reaper", "operator", "controller"],
  " DELETE": ["reaper", "operator", "controller"],
  "status UPDATE": ["operator", "controller"],
  "finalize UPDATE": ["operator", "controller"],
};

const EVERYBODY: readonly ActorRole[] = [
  "learner",
  "author",
  "controller",
  "scheduler",
  "node",
  "apiserver",
  "operator",
  "carrel",
];

/** The namespaces of workspaces are made, changed and deleted by Carrel, Kubernetes and operators only. */
export const namespaceWriters: RequestRule = {
  id: "namespace-writers",
  actors: EVERYBODY,
  check({ request, actor }: RuleContext): Finding | undefined {
    if (!belongsToWorkspace(request.object) && !belongsToWorkspace(request.oldObject)) return undefined;
    const { operation, subresource } = request;
    const writers = WRITERS[`${subresource} ${operation}`] ?? [];
    if (isOneOf(writers, actor)) return undefined;
    const what = subresource === "" ? "this namespace" : `this namespace's ${subresource}`;
    return refuse(request.user.username, operation, what, writers);
  },
};

/** The labels that bind a namespace to its workspace, and so to every rule here, are never changed. */
export const namespaceLabels: RequestRule = {
  id: "namespace-labels",
  actors: EVERYBODY,
  check({ request }: RuleContext): Finding | undefined {
    if (request.operation !== "UPDATE") return undefined;
    const before = mapAt(request.oldObject, "metadata", "labels");
    const after = mapAt(request.object, "metadata", "labels");
    const changed = [LABELS.workspace, LABELS.workspaceUid].find((key) => before[key] !== after[key]);
    if (changed === undefined) return undefined;
    const [from, to] = [before[changed] ?? "none", after[changed] ?? "none"];
    return { path: `metadata.labels[${changed}]`, message: `must not change, from ${from} to ${to}` };
  },
};

function belongsToWorkspace(object: RuleContext["request"]["object"]): boolean {
  return mapAt(object, "metadata", "labels")[LABELS.workspace] !== undefined;
}
