import type { SessionTemplateSpec } from "@carrel/api";
import { referencesOf } from "./references-of.ts";
import { stageOfName, type Stage } from "./variable-table.ts";

type Objects = Pick<SessionTemplateSpec, "objects">;

/** When the variable `name` is known in this template; an output is known when its object is made. */
export function stageOfVariable(name: string, spec: Objects): Stage {
  return stageOfReference(name, spec, new Set());
}

/** When a tree can be rendered: at claim when anything that it mentions is known only then. */
function stageOfTree(tree: unknown, spec: Objects, seen: Set<string>): Stage {
  const claim = referencesOf(tree).some(({ name }) => stageOfReference(name, spec, seen) === "claim");
  return claim ? "claim" : "build";
}

/** `seen` ends cycles: an object that is being looked at adds nothing. */
function stageOfReference(name: string, spec: Objects, seen: Set<string>): Stage {
  const [family, owner] = name.split(".");
  if (family !== "outputs") return stageOfName(name) ?? "build";
  const object = spec.objects.find((candidate) => candidate.name === owner);
  return object === undefined ? "build" : stageOfObject(object, spec, seen);
}

/** When an object of a template is applied: not before those that it comes after. */
export function stageOfObject(
  object: SessionTemplateSpec["objects"][number],
  spec: Objects,
  seen = new Set<string>(),
): Stage {
  if (seen.has(object.name)) return "build";
  seen.add(object.name);
  if (stageOfTree([object.template, object.when ?? ""], spec, seen) === "claim") return "claim";
  const before = spec.objects.filter(({ name }) => object.after.includes(name));
  return before.some((one) => stageOfObject(one, spec, seen) === "claim") ? "claim" : "build";
}
