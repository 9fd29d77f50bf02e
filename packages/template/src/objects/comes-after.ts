import { ApiError, type TemplateObject } from "@carrel/api";
import { referencesOf } from "../variables/references-of.ts";

export interface OrderedObject {
  readonly object: TemplateObject;
  /** Names of all objects that it comes after, as written and as its references to outputs imply. */
  readonly after: readonly string[];
}

/** Names of the objects that this one comes after; those whose outputs it uses among them. */
export function namesBefore(object: TemplateObject): readonly string[] {
  const implied = referencesOf([object.template, object.when ?? ""]).flatMap(({ name }) => {
    const [family, owner] = name.split(".");
    return family === "outputs" && owner !== undefined ? [owner] : [];
  });
  return [...new Set([...object.after, ...implied])];
}

/**
 * The objects in an order in which each stands behind those that it comes after, otherwise as written.
 *
 * @throws ApiError `INVALID` for an unknown name and for a cycle, which the message shows.
 */
export function comesAfter(objects: readonly TemplateObject[]): readonly OrderedObject[] {
  const byName = new Map(objects.map((object) => [object.name, object]));
  const ordered = new Map<string, OrderedObject>();
  const visit = (object: TemplateObject, path: readonly string[]): void => {
    if (ordered.has(object.name)) return;
    if (path.includes(object.name)) {
      const cycle = [...path.slice(path.indexOf(object.name)), object.name].join(" after ");
      throw new ApiError("INVALID", `objects wait for each other: ${cycle}`);
    }
    const after = namesBefore(object);
    for (const name of after) {
      const before = byName.get(name);
      if (before === undefined)
        throw new ApiError("INVALID", `object ${object.name} comes after ${name}, which does not exist`);
      visit(before, [...path, object.name]);
    }
    ordered.set(object.name, { object, after });
  };
  for (const object of objects) visit(object, []);
  return [...ordered.values()];
}
