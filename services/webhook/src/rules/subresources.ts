import type { ActorRole } from "../actors/actor.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

const CONTROL_PLANE: readonly ActorRole[] = ["controller", "scheduler", "node", "apiserver"];

/**
 * Who may use which subresource (`group/resource/subresource`). One that is not here is denied to learners. A status
 * is written by the control plane alone: a learner's would be a fake. `pods/log` is a read, which no webhook sees.
 */
const USERS: Readonly<Record<string, readonly ActorRole[]>> = {
  "/pods/exec": ["learner"],
  "/pods/attach": ["learner"],
  "/pods/portforward": ["learner"],
  "/pods/eviction": ["learner", "controller", "node"],
  "/pods/ephemeralcontainers": ["learner"],
  "/pods/resize": ["learner", "controller"],
  "/pods/binding": ["scheduler"],
  "/serviceaccounts/token": ["learner", "controller", "node"],
  "apps/deployments/scale": ["learner", "controller"],
  "apps/replicasets/scale": ["learner", "controller"],
  "apps/statefulsets/scale": ["learner", "controller"],
};

/** Subresources are denied unless listed. */
export const subresources: RequestRule = {
  id: "subresources",
  actors: ["learner", "author", "controller", "scheduler", "node", "apiserver"],
  check({ request, actor }: RuleContext): Finding | undefined {
    const { group, resource, subresource } = request;
    // The legacy way to bind is a resource of its own.
    const key = group === "" && resource === "bindings" ? "/pods/binding" : `${group}/${resource}/${subresource}`;
    if (subresource === "" && key !== "/pods/binding") return undefined;
    const users = Object.hasOwn(USERS, key) ? USERS[key] : undefined;
    if (users?.includes(actor.role) === true) return undefined;
    if (users === undefined && CONTROL_PLANE.includes(actor.role)) return undefined;
    const allowed = Object.keys(USERS)
      .filter((name) => USERS[name]?.includes(actor.role) === true)
      .map((name) => name.replace(/^[^/]*\//, ""));
    return {
      path: "subresource",
      message: `must not be ${resource}/${subresource === "" ? "binding" : subresource}; allowed are ${allowed.join(", ")}`,
    };
  },
};
