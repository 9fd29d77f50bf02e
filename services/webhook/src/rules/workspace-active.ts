import { effectiveProfile } from "./effective-profile.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

/** Nothing is created, changed or connected to for a workspace that is unknown or over; deleting goes on. */
export const workspaceActive: RequestRule = {
  id: "workspace-active",
  actors: ["learner", "author", "controller"],
  check({ request, actor, facts }: RuleContext): Finding | undefined {
    if (request.operation === "DELETE") return undefined;
    // Controllers finish what they began; only new pods must not come.
    const makesPods = request.operation === "CREATE" && request.group === "" && request.resource === "pods";
    if (actor.role === "controller" && !makesPods) return undefined;
    const path = "metadata.namespace";
    switch (facts.workspace.state) {
      case "unknown":
        return { path, message: `${request.namespace} belongs to no workspace; only deleting is allowed` };
      case "ended":
        return { path, message: `the workspace ${facts.workspace.name} has ended; only deleting is allowed` };
      case "active":
        break;
    }
    if (effectiveProfile(facts) !== undefined) return undefined;
    const { profileName } = facts.workspace;
    return { path, message: `the PolicyProfile ${profileName} does not exist, so nothing is allowed but deleting` };
  },
};
