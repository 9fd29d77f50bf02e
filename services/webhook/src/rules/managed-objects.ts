import { DESK_POD } from "@carrel/api";
import { isManaged, isOfTemplate, reservedKeys } from "./managed.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

/**
 * What is Carrel's, learners neither create, change, relabel, evict nor delete. What their template brought along is
 * theirs to work with, as their role allows; only the keys by which Carrel knows it stay.
 */
export const managedObjects: RequestRule = {
  id: "managed-objects",
  actors: ["learner"],
  warns: ["operator"],
  check({ request }: RuleContext): Finding | undefined {
    const { operation, object, oldObject, subresource } = request;
    if (operation === "CONNECT") return undefined;
    if ((operation === "DELETE" || operation === "UPDATE") && isManaged(oldObject) && !isOfTemplate(oldObject)) {
      const verb = operation === "DELETE" ? "deleted" : "changed";
      return { path: "metadata", message: `${nameOf(request)} belongs to Carrel and must not be ${verb}` };
    }
    // The review of an eviction holds nothing of the pod but its name.
    if (subresource === "eviction" && request.name === DESK_POD) {
      return { path: "metadata.name", message: `the pod ${DESK_POD} belongs to Carrel and must not be evicted` };
    }
    return operation === "DELETE" ? undefined : keyFinding(oldObject?.["metadata"], object?.["metadata"]);
  },
};

/** A key of Carrel's that an object would get, lose or have with another value. */
function keyFinding(before: unknown, after: unknown): Finding | undefined {
  const [had, has] = [reservedKeys(before, "metadata"), reservedKeys(after, "metadata")];
  const added = has.find(({ path, value }) => !had.some((old) => old.path === path && old.value === value));
  if (added !== undefined) return { path: added.path, message: `must not be set; ${added.key} belongs to Carrel` };
  const lost = had.find(({ path }) => !has.some((kept) => kept.path === path));
  return lost === undefined ? undefined : { path: lost.path, message: `must stay; ${lost.key} belongs to Carrel` };
}

function nameOf({ kind, name, oldObject }: RuleContext["request"]): string {
  const metadata = oldObject?.["metadata"] as { readonly name?: unknown } | undefined;
  const given = name === "" && typeof metadata?.name === "string" ? metadata.name : name;
  return `${kind.kind} ${given}`;
}
