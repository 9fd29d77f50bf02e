import { hasCode } from "@carrel/std";
import { comesAfter, namesBefore } from "../../objects/comes-after.ts";
import { duplicates } from "../duplicates.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import { nearestName } from "../nearest-name.ts";

/** Objects that come after unknown ones, or each after the other. */
export const objectOrder: Check = ({ spec }) => {
  const names = new Set(spec.objects.map(({ name }) => name));
  const unknown = spec.objects.flatMap((object, index) =>
    object.after
      .filter((name) => !names.has(name))
      .map((name) => {
        const nearest = nearestName(name, names);
        const hint = nearest === undefined ? `there are ${[...names].join(", ")}` : `did you mean ${nearest}?`;
        return errorAt("unknown-object", `spec.objects[${index}].after`, `there is no object ${name}; ${hint}`);
      }),
  );
  const known = duplicates(spec.objects, "spec.objects", ({ name }) => name);
  if (unknown.length > 0 || known.length > 0) return [...known, ...unknown];
  // An output of an unknown object is an unknown variable, and told as such.
  if (spec.objects.some((object) => namesBefore(object).some((name) => !names.has(name)))) return [];
  try {
    comesAfter(spec.objects);
    return [];
  } catch (error) {
    if (!hasCode(error, "INVALID")) throw error;
    return [errorAt("object-cycle", "spec.objects", error.message)];
  }
};
