import {
  GROUP,
  isSessionTransition,
  isWorkspaceTransition,
  SESSION_PHASES,
  WORKSPACE_PHASES,
  type SessionPhase,
  type WorkspacePhase,
} from "@carrel/api";
import { stringAt } from "../review/json-object.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

interface Arrows {
  readonly phases: readonly string[];
  readonly may: (from: string | undefined, to: string) => boolean;
}

const ARROWS: Readonly<Record<string, Arrows>> = {
  sessions: {
    phases: SESSION_PHASES,
    may: (from, to) => isSessionTransition(from as SessionPhase | undefined, to as SessionPhase),
  },
  workspaces: {
    phases: WORKSPACE_PHASES,
    may: (from, to) => isWorkspaceTransition(from as WorkspacePhase | undefined, to as WorkspacePhase),
  },
};

/** Sessions and Workspaces go along the arrows only, whoever writes: what has ended never comes back. */
export const phases: RequestRule = {
  id: "phases",
  actors: ["learner", "author", "controller", "scheduler", "node", "apiserver", "operator", "carrel"],
  check({ request }: RuleContext): Finding | undefined {
    const { group, resource, operation, object, oldObject } = request;
    const arrows = group === GROUP && Object.hasOwn(ARROWS, resource) ? ARROWS[resource] : undefined;
    if (arrows === undefined || operation !== "UPDATE") return undefined;
    const from = stringAt(oldObject, "status", "phase");
    const to = stringAt(object, "status", "phase");
    if (from === to) return undefined;
    // An unknown phase in storage was written by another version: it may go anywhere that is known.
    const known = from !== undefined && arrows.phases.includes(from) ? from : undefined;
    if (to !== undefined && arrows.phases.includes(to) && arrows.may(known, to)) return undefined;
    const next = arrows.phases.filter((phase) => phase !== known && arrows.may(known, phase));
    const allowed = next.length === 0 ? "it is the last" : `allowed are ${next.join(", ")}`;
    return { path: "status.phase", message: `must not go from ${from ?? "none"} to ${to ?? "none"}; ${allowed}` };
  },
};
