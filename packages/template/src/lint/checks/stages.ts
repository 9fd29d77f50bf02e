import { referencesOf } from "../../variables/references-of.ts";
import { stageOfVariable } from "../../variables/stage-of.ts";
import { hasPool } from "../has-pool.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import { renderedTrees } from "../rendered-trees.ts";

/** What a spare is built with must be known before anybody has it. */
export const stages: Check = ({ spec }) => {
  const tooEarly = renderedTrees(spec).filter(({ when }) => when === "build");
  const beforeObjects = tooEarly
    .filter((tree) => tree.beforeObjects)
    .flatMap(({ tree, path }) =>
      referencesOf(tree, path)
        .filter(({ name }) => name.startsWith("outputs."))
        .map((reference) =>
          errorAt(
            "early-output",
            reference.path,
            `$(${reference.name}) is known only when the object is there, but this is made before any object; name a range or a selector, or bring the rule along as an object`,
          ),
        ),
    );
  const ofSpares = hasPool(spec)
    ? tooEarly.flatMap(({ tree, path }) =>
        referencesOf(tree, path)
          .filter(({ name }) => stageOfVariable(name, spec) === "claim")
          .map((reference) =>
            errorAt(
              "claim-variable-in-pool",
              reference.path,
              `$(${reference.name}) is known only once a user has the session, but spec.pool builds this before; put it into an object (a ConfigMap or Secret that is mounted with optional: true), or have no pool`,
            ),
          ),
      )
    : [];
  // Outputs of objects that come after the claim would be waited for by the workspace that they need.
  const ofClaimed = tooEarly
    .filter((tree) => !tree.beforeObjects)
    .flatMap(({ tree, path }) =>
      hasPool(spec)
        ? []
        : referencesOf(tree, path)
            .filter(({ name }) => name.startsWith("outputs.") && stageOfVariable(name, spec) === "claim")
            .map((reference) =>
              errorAt(
                "late-output",
                reference.path,
                `$(${reference.name}) comes from an object that is made once the workspace is claimed, too late for this; use it in objects and links only`,
              ),
            ),
    );
  return [...beforeObjects, ...ofSpares, ...ofClaimed];
};
