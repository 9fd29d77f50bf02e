import { GROUP } from "@carrel/api";
import type { Actor, ActorRole, CarrelService } from "../actors/actor.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

type Writer = CarrelService | ActorRole;

/** Who may write Carrel's records: `resource/subresource OPERATION`. Controllers are the garbage collector. */
const WRITERS: Readonly<Record<string, readonly Writer[]>> = {
  "sessions CREATE": ["provisioner", "operator"],
  "sessions UPDATE": ["provisioner", "reaper", "operator", "controller"],
  "sessions/status UPDATE": ["provisioner", "reaper", "operator"],
  "sessions DELETE": ["reaper", "operator", "controller"],
  "workspaces CREATE": ["provisioner", "operator"],
  // The provisioner gives a spare to a session, or asks for its end.
  "workspaces UPDATE": ["provisioner", "reaper", "operator", "controller"],
  "workspaces/status UPDATE": ["provisioner", "operator"],
  "workspaces DELETE": ["reaper", "operator", "controller"],
};

/** Sessions and Workspaces are written by the services that own the step, and by operators; by nobody else. */
export const carrelWriters: RequestRule = {
  id: "carrel-writers",
  actors: ["learner", "author", "controller", "scheduler", "node", "apiserver", "operator", "carrel"],
  check({ request, actor }: RuleContext): Finding | undefined {
    const { group, resource, subresource, operation } = request;
    if (group !== GROUP) return undefined;
    const what = subresource === "" ? resource : `${resource}/${subresource}`;
    const key = `${what} ${operation}`;
    const writers = Object.hasOwn(WRITERS, key) ? (WRITERS[key] ?? []) : ["operator" as const];
    return isOneOf(writers, actor) ? undefined : refuse(request.user.username, operation, what, writers);
  },
};

/** True when the actor is one of those, by its role or as one of Carrel's services. */
export function isOneOf(writers: readonly Writer[], actor: Actor): boolean {
  return writers.includes(actor.role === "carrel" ? (actor.service ?? "learner") : actor.role);
}

/** Says who may do it instead. */
export function refuse(user: string, operation: string, what: string, writers: readonly Writer[]): Finding {
  const verb = operation.toLowerCase();
  return { path: "userInfo.username", message: `${user} must not ${verb} ${what}; allowed are ${writers.join(", ")}` };
}
