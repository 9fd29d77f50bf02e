import type { Finding, RequestRule, RuleContext } from "./rule.ts";

/**
 * Learners write nothing that belongs to no namespace. Carrel's webhooks do not even ask about it: what others write
 * outside of workspaces is none of its business.
 */
export const clusterScope: RequestRule = {
  id: "cluster-scope",
  actors: ["learner"],
  check({ request }: RuleContext): Finding {
    return { path: "kind", message: `must not be ${request.kind.kind}: it belongs to no namespace of the workspace` };
  },
};
