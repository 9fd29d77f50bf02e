import { DESK_POD } from "@carrel/api";
import { isManaged, reservedKeys } from "./managed.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

/** What is Carrel's, learners neither create, change, relabel, evict nor delete. */
export const managedObjects: RequestRule = {
  id: "managed-objects",
  actors: ["learner"],
  warns: ["operator"],
  check({ request }: RuleContext): Finding | undefined {
    const { operation, object, oldObject, subresource } = request;
    if (operation === "CONNECT") return undefined;
    if (operation === "DELETE" || operation === "UPDATE") {
      if (isManaged(oldObject)) {
        const verb = operation === "DELETE" ? "deleted" : "changed";
        return { path: "metadata", message: `${nameOf(request)} belongs to Carrel and must not be ${verb}` };
      }
    }
    // The review of an eviction holds nothing of the pod but its name.
    if (subresource === "eviction" && request.name === DESK_POD) {
      return { path: "metadata.name", message: `the pod ${DESK_POD} belongs to Carrel and must not be evicted` };
    }
    const [reserved] = reservedKeys(object?.["metadata"], "metadata");
    if (reserved === undefined) return undefined;
    return { path: reserved.path, message: `must not be set; ${reserved.key} belongs to Carrel` };
  },
};

function nameOf({ kind, name, oldObject }: RuleContext["request"]): string {
  const metadata = oldObject?.["metadata"] as { readonly name?: unknown } | undefined;
  const given = name === "" && typeof metadata?.name === "string" ? metadata.name : name;
  return `${kind.kind} ${given}`;
}
