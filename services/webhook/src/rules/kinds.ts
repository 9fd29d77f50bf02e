import type { RuleContext, Finding, RequestRule } from "./rule.ts";
import { bearsPods } from "../review/pod-of.ts";
import { effectiveProfile } from "./effective-profile.ts";
import { ORDINARY_KINDS, type KindsOfGroup } from "./ordinary-kinds.ts";

/** Kinds behind the resources whose subresources a learner may use. */
const PARENT_KINDS: Readonly<Record<string, string>> = {
  "apps/deployments": "Deployment",
  "apps/replicasets": "ReplicaSet",
  "apps/statefulsets": "StatefulSet",
};

/** Default deny: a kind that neither the profile nor the built-in list names is not created or changed. */
export const kinds: RequestRule = {
  id: "kinds",
  actors: ["learner", "author", "controller"],
  check({ request, actor, facts }: RuleContext): Finding | undefined {
    if (request.operation === "DELETE" || request.operation === "CONNECT") return undefined;
    const profile = effectiveProfile(facts);
    const allowed = [...(profile?.kinds ?? ORDINARY_KINDS), ...(profile?.extraKinds ?? [])];
    const isPod = request.group === "" && request.resource === "pods" && request.subresource === "";
    if (actor.role === "controller") {
      // What a controller makes of a learner's workload follows from it; but where no kind of pod is allowed, no pod is.
      if (!isPod || request.operation !== "CREATE") return undefined;
      const any = allowed.some((entry) => entry.kinds.some((kind) => bearsPods(entry.group, kind)));
      return any ? undefined : finding("Pod", "", allowed);
    }
    if (request.subresource === "") {
      const { kind, group } = request.kind;
      return includes(allowed, group, kind) ? undefined : finding(kind, group, allowed);
    }
    const parent = PARENT_KINDS[`${request.group}/${request.resource}`];
    return parent === undefined || includes(allowed, request.group, parent)
      ? undefined
      : finding(parent, request.group, allowed);
  },
};

function includes(allowed: readonly KindsOfGroup[], group: string, kind: string): boolean {
  return allowed.some((entry) => entry.group === group && entry.kinds.includes(kind));
}

function finding(kind: string, group: string, allowed: readonly KindsOfGroup[]): Finding {
  const names = allowed.flatMap((entry) => entry.kinds.map((name) => qualified(name, entry.group)));
  return { path: "kind", message: `must not be ${qualified(kind, group)}; allowed are ${names.join(", ")}` };
}

function qualified(kind: string, group: string): string {
  return group === "" ? kind : `${kind}.${group}`;
}
