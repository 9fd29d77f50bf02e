import type { Actor, ActorRole } from "../actors/actor.ts";
import type { DecisionSettings } from "../decision/settings.ts";
import type { Facts } from "../decision/facts.ts";
import type { AdmissionRequest } from "../review/admission-request.ts";
import type { JsonObject } from "../review/json-object.ts";

/** What every rule may look at. */
export interface RuleContext {
  readonly request: AdmissionRequest;
  readonly actor: Actor;
  readonly facts: Facts;
  readonly settings: DecisionSettings;
}

/** What a rule found. */
export interface Finding {
  readonly path: string;
  /** What was found and what is allowed, without a full stop. */
  readonly message: string;
  /** Refines the rule's id: `pod-security` and `privileged` make `pod-security/privileged`. */
  readonly detail?: string;
  /**
   * What the finding is about, when the path has an index in it: the same breach stays the same when a list is
   * reordered. Default: the path.
   */
  readonly subject?: string;
}

interface RuleHead {
  /** Stable, kebab-case; stands in messages, audit annotations and metrics. */
  readonly id: string;
  /** Whom it binds. */
  readonly actors: readonly ActorRole[];
  /** Who is only warned. */
  readonly warns?: readonly ActorRole[];
}

/** Judges who does what to what. The first finding refuses the request; the rules after it are not asked. */
export interface RequestRule extends RuleHead {
  readonly check: (context: RuleContext) => Finding | undefined;
}

/**
 * Judges what an object says. It is called for the new object and, in an update, for the old one: only findings that
 * the old object has not are new, and only new ones refuse (a ratchet: tightening a policy breaks nobody's update).
 */
export interface ObjectRule extends RuleHead {
  readonly check: (object: JsonObject, context: RuleContext) => readonly Finding[];
}
