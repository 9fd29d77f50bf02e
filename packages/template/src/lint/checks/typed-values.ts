import { referencesOf } from "../../variables/references-of.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import { renderedTrees } from "../rendered-trees.ts";

/** Where Kubernetes takes strings only. */
const STRINGS =
  /(\.env\[\d+\]\.value|\.(args|command)\[\d+\]|\.(labels|annotations|matchLabels|nodeSelector)(\.[^.[]+|\["[^\]]*"\]))$/;
const DATA = /\.template\.(data|stringData)(\.[^.[]+|\["[^\]]*"\])$/;
const WITH_DATA = new Set(["v1/ConfigMap", "v1/Secret"]);

/** A number or boolean where Kubernetes takes a string: a parameter keeps its type when it is the whole value. */
export const typedValues: Check = ({ spec }) => {
  const typed = new Map(
    spec.parameters.filter(({ type }) => type !== "string").map(({ name, type }) => [`parameters.${name}`, type]),
  );
  return renderedTrees(spec).flatMap(({ tree, path }) => {
    const { apiVersion, kind } = tree as { readonly apiVersion?: unknown; readonly kind?: unknown };
    const hasData = WITH_DATA.has(`${String(apiVersion)}/${String(kind)}`);
    return referencesOf(tree, path)
      .filter(({ name, whole }) => whole && typed.has(name))
      .filter((reference) => STRINGS.test(reference.path) || (hasData && DATA.test(reference.path)))
      .map(({ name, path: place }) =>
        errorAt(
          "typed-value",
          place,
          `Kubernetes wants a string here, and $(${name}) is of type ${typed.get(name)}; write $(string(${name}))`,
        ),
      );
  });
};
