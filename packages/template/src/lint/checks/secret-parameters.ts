import { referencesOf } from "../../variables/references-of.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import { renderedTrees } from "../rendered-trees.ts";

/** Secret parameters go into the data of Secret objects and nowhere else: all else is readable in too many places. */
export const secretParameters: Check = ({ spec }) => {
  const secrets = new Set(spec.parameters.filter(({ secret }) => secret).map(({ name }) => `parameters.${name}`));
  if (secrets.size === 0) return [];
  return renderedTrees(spec).flatMap(({ tree, path }) => {
    const object = spec.objects.find((_, index) => path === `spec.objects[${index}].template`);
    const isSecret = object?.template.kind === "Secret" && object.template.apiVersion === "v1";
    return referencesOf(tree, path)
      .filter(({ name }) => secrets.has(name))
      .filter((reference) => !isSecret || !/^\.(data|stringData)\b/.test(reference.path.slice(path.length)))
      .map((reference) =>
        errorAt(
          "secret-parameter",
          reference.path,
          `$(${reference.name}) is a secret parameter and may be used only in data or stringData of an object of kind Secret`,
        ),
      );
  });
};
