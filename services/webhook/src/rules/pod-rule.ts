import type { ActorRole } from "../actors/actor.ts";
import type { JsonObject } from "../review/json-object.ts";
import { podOf } from "../review/pod-of.ts";
import type { Finding, ObjectRule, RuleContext } from "./rule.ts";

/** A pod, or the template of pods, inside the object that is judged. */
export interface JudgedPod {
  readonly metadata: unknown;
  readonly spec: JsonObject;
  /** Where it stands, with a final dot: `` or `spec.template.`. */
  readonly prefix: string;
}

/** Whom the rules about placing pods bind: a controller's pods are what a learner's template asked for. */
const PLACING: readonly ActorRole[] = ["learner", "author", "controller"];

/** A rule about pods that holds for pods and for templates of pods alike, so that the author of the template hears. */
export function podRule(
  id: string,
  check: (pod: JudgedPod, context: RuleContext) => readonly Finding[],
  actors: readonly ActorRole[] = PLACING,
): ObjectRule {
  return {
    id,
    actors,
    check(object, context) {
      const { group, kind } = context.request.kind;
      const found = podOf(group, kind, object);
      // What cannot be read is refused by the rule `decodable`, once.
      if (found === undefined || found === "undecodable") return [];
      const { pod, prefix } = found;
      return check({ metadata: pod.metadata, spec: pod.spec as unknown as JsonObject, prefix }, context);
    },
  };
}
