import { at, listAt, type JsonObject } from "../review/json-object.ts";
import { isManaged } from "./managed.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

/**
 * Controllers do not adopt what is Carrel's. A learner's ReplicaSet whose selector matches the desk would otherwise
 * make the ReplicaSet controller its owner, and scaling it to zero would delete the desk.
 */
export const adoption: RequestRule = {
  id: "adoption",
  actors: ["controller"],
  check({ request }: RuleContext): Finding | undefined {
    const { operation, object, oldObject } = request;
    if (operation !== "UPDATE" || !isManaged(oldObject)) return undefined;
    const before = new Set(controllersOf(oldObject));
    const adopted = controllersOf(object).some((uid) => !before.has(uid));
    if (!adopted) return undefined;
    return { path: "metadata.ownerReferences", message: "what belongs to Carrel must get no other controller" };
  },
};

function controllersOf(object: JsonObject | undefined): readonly string[] {
  return listAt(object, "metadata", "ownerReferences")
    .filter((owner) => at(owner, "controller") === true)
    .map((owner) => String(at(owner, "uid")));
}
