import type { UserInfo } from "../review/admission-request.ts";
import { CARREL_SERVICES, type Actor } from "./actor.ts";
import { SYSTEM_CONTROLLERS } from "./system-controllers.ts";

/** Who is who in this installation. */
export interface ActorSettings {
  /** Carrel's own namespace: the ServiceAccounts of its services are there. */
  readonly carrelNamespace: string;
  /** Groups whose members administer the cluster. */
  readonly operatorGroups: readonly string[];
  /** Exact names of further users to treat as controllers of Kubernetes, e.g. a cloud provider's. */
  readonly trustedUsers: readonly string[];
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const SINGLE_USERS: Readonly<Record<string, Actor>> = {
  "system:kube-scheduler": { role: "scheduler" },
  "system:kube-controller-manager": { role: "controller" },
  "system:apiserver": { role: "apiserver" },
};

/**
 * Tells what a user is to Carrel. Names are compared exactly and, where Kubernetes gives a group to all users of a
 * sort, the group must be there as well: a user whose name merely looks like a ServiceAccount is a learner.
 */
export function classifyActor(user: UserInfo, settings: ActorSettings): Actor {
  const { username, groups } = user;
  const account = SERVICE_ACCOUNT.exec(username);
  if (account !== null) {
    const [, namespace = "", name = ""] = account;
    if (groups.includes(`system:serviceaccounts:${namespace}`)) {
      const service = CARREL_SERVICES.find((own) => own === name);
      if (namespace === settings.carrelNamespace && service !== undefined) return { role: "carrel", service };
      if (namespace === "kube-system" && SYSTEM_CONTROLLERS.has(name)) return { role: "controller" };
    }
  } else if (username.startsWith("system:node:")) {
    if (groups.includes("system:nodes")) return { role: "node" };
  } else if (Object.hasOwn(SINGLE_USERS, username)) {
    return SINGLE_USERS[username] ?? { role: "learner" };
  }
  if (settings.trustedUsers.includes(username)) return { role: "controller" };
  if (groups.some((group) => settings.operatorGroups.includes(group))) return { role: "operator" };
  return { role: "learner" };
}
