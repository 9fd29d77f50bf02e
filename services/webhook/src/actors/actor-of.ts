import { LABELS } from "@carrel/api";
import type { AdmissionRequest } from "../review/admission-request.ts";
import { mapAt } from "../review/json-object.ts";
import type { Actor } from "./actor.ts";
import { classifyActor, type ActorSettings } from "./classify-actor.ts";

/**
 * Who is behind a request. An object that carries the label of a template's objects is what the template's author wants,
 * though the provisioner asks: the author is bound by the profile as a learner is. Nobody else may set that label.
 */
export function actorOf({ user, object }: AdmissionRequest, settings: ActorSettings): Actor {
  const actor = classifyActor(user, settings);
  const fromTemplate = mapAt(object, "metadata", "labels")[LABELS.object] !== undefined;
  return actor.service === "provisioner" && fromTemplate ? { role: "author" } : actor;
}
