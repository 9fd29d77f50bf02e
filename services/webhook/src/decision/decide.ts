import { actorOf } from "../actors/actor-of.ts";
import type { AdmissionRequest } from "../review/admission-request.ts";
import { listAt, stringAt } from "../review/json-object.ts";
import type { Finding, ObjectRule, RequestRule, RuleContext } from "../rules/rule.ts";
import type { Decision, Refusal } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { isTerminating, onlyGoes } from "./only-goes.ts";
import { ratchet } from "./ratchet.ts";
import type { DecisionSettings } from "./settings.ts";
import { routeOf, type Route } from "./route.ts";
import { wordRefusal } from "./wording.ts";

/** The API server cuts warnings when all of them together exceed 4,096 characters. */
const MAX_WARNINGS = 5;
const MAX_COMMAND_LENGTH = 512;

/**
 * The one decision about a request. Pure: the same request and facts always get the same answer.
 *
 * Deleting by controllers, statuses that the control plane writes, and updates of what is being deleted pass, so that
 * nothing is ever kept from going. Everything else passes the rules of its {@link routeOf route}.
 */
export function decide(request: AdmissionRequest, facts: Facts, settings: DecisionSettings): Decision {
  const context: RuleContext = { request, actor: actorOf(request, settings), facts, settings };
  const route = routeOf(request);
  const warnings: string[] = [];
  const refusals = passes(context, route) ? [] : judge(context, route, warnings);
  const remarks = {
    warnings: warnings.slice(0, MAX_WARNINGS),
    auditAnnotations: annotate(context, refusals),
  };
  return refusals.length === 0 ? { allowed: true, ...remarks } : { allowed: false, refusals, ...remarks };
}

/** Whether the decision about a request depends on {@link Facts}. */
export function needsFacts(request: AdmissionRequest, settings: DecisionSettings): boolean {
  const route = routeOf(request);
  if (!route.needsWorkspace) return false;
  return !passes({ request, actor: actorOf(request, settings) }, route);
}

function passes({ request, actor }: Pick<RuleContext, "request" | "actor">, route: Route): boolean {
  if (!route.needsWorkspace) return false;
  const { operation, subresource, object, oldObject } = request;
  if (actor.role === "learner") return false;
  if (operation === "DELETE") return actor.role !== "operator";
  return subresource === "status" || (operation === "UPDATE" && object !== undefined && isTerminating(oldObject));
}

function judge(context: RuleContext, route: Route, warnings: string[]): readonly Refusal[] {
  const { request } = context;
  const going = request.operation === "UPDATE" && onlyGoes(request.oldObject, request.object);
  for (const rule of route.requestRules) {
    if (going && rule.id !== "managed-objects") continue;
    const refusal = ask(rule, context, warnings);
    if (refusal !== undefined) return [refusal];
  }
  if (going || request.operation === "DELETE" || request.subresource === "status") return [];
  return route.objectRules.flatMap((rule) => askOfObject(rule, context, warnings));
}

function ask(rule: RequestRule, context: RuleContext, warnings: string[]): Refusal | undefined {
  const binds = rule.actors.includes(context.actor.role);
  if (!binds && rule.warns?.includes(context.actor.role) !== true) return undefined;
  const finding = rule.check(context);
  if (finding === undefined) return undefined;
  if (binds) return refusalOf(rule.id, finding);
  warnings.push(`${wordRefusal(refusalOf(rule.id, finding))}; allowed for an operator`);
  return undefined;
}

function askOfObject(rule: ObjectRule, context: RuleContext, warnings: string[]): readonly Refusal[] {
  const { request, actor } = context;
  if (!rule.actors.includes(actor.role) || request.object === undefined) return [];
  const found = rule.check(request.object, context);
  if (found.length === 0) return [];
  const old = request.operation === "UPDATE" ? request.oldObject : undefined;
  const { fresh, known } = ratchet(found, old === undefined ? [] : rule.check(old, context));
  for (const finding of known) warnings.push(`${wordRefusal(refusalOf(rule.id, finding))}; it was so before`);
  return fresh.map((finding) => refusalOf(rule.id, finding));
}

function refusalOf(id: string, { detail, path, message }: Finding): Refusal {
  return { rule: detail === undefined ? id : `${id}/${detail}`, path, message };
}

function annotate({ request, actor, facts }: RuleContext, refusals: readonly Refusal[]): Record<string, string> {
  const annotations: Record<string, string> = { actor: actor.service ?? actor.role };
  if (facts.workspace.state !== "unknown") {
    annotations["workspace"] = facts.workspace.name;
    annotations["profile"] = facts.workspace.profileName;
  }
  if (refusals.length > 0) annotations["rule"] = [...new Set(refusals.map(({ rule }) => rule))].join(",");
  const command = listAt(request.object, "command");
  if (request.operation === "CONNECT" && command.length > 0) {
    annotations["command"] = command.map(String).join(" ").slice(0, MAX_COMMAND_LENGTH);
    annotations["container"] = stringAt(request.object, "container") ?? "";
  }
  return annotations;
}
