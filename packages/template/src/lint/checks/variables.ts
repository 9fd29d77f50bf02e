import { expressionProblem } from "../../variables/expression-problem.ts";
import { mapStrings } from "../../variables/map-strings.ts";
import { referencesOf } from "../../variables/references-of.ts";
import { errorAt, type Check, type LintFacts } from "../lint-facts.ts";
import { knownVariables } from "../known-variables.ts";
import { nearestName } from "../nearest-name.ts";
import type { Problem } from "../problem.ts";
import { renderedTrees } from "../rendered-trees.ts";

/** References that are malformed, or name a variable or function that does not exist. */
export const variables: Check = (facts) => {
  const known = knownVariables(facts.spec, facts.values);
  return renderedTrees(facts.spec).flatMap(({ tree, path }) => {
    const problems: Problem[] = [];
    mapStrings(tree, path, (text, place) => {
      const problem = text.includes("$(") ? expressionProblem(text) : undefined;
      if (problem !== undefined) problems.push(errorAt("malformed-reference", place, problem));
      return text;
    });
    for (const { name, path: place } of referencesOf(tree, path)) {
      const problem = problemOf(name, known, facts);
      if (problem !== undefined) problems.push(errorAt("unknown-variable", place, problem));
    }
    return problems;
  });
};

function problemOf(name: string, known: ReadonlySet<string>, { spec, values }: LintFacts): string | undefined {
  if (name === "workspace.image" || name === "workspace.imagePullPolicy") {
    return selfReference(name, spec);
  }
  if (known.has(name)) return undefined;
  if (values === undefined && /^values\.[A-Za-z][\w-]*$/.test(name)) return undefined;
  if (/^user\.claims\.[a-z][a-zA-Z0-9]{0,62}$/.test(name)) return undefined;
  if (known.has(`${name}.private`)) {
    return `${name} is a key pair; use $(${name}.private) or $(${name}.public)`;
  }
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `there is no variable ${name}; did you mean ${nearest}?`;
  const family = name.split(".")[0] ?? "";
  const relatives = [...known].filter((candidate) => candidate.startsWith(`${family}.`));
  return `there is no variable ${name}; ${relatives.length > 0 ? `there are ${relatives.join(", ")}` : "docs/reference/templates.md lists all"}`;
}

/** What the image of the workspace pod is made of must be known by itself, and early. */
function selfReference(name: string, spec: LintFacts["spec"]): string | undefined {
  const [desk] = spec.workspace.template.spec.containers;
  const bad = referencesOf([desk?.image, desk?.["imagePullPolicy"]]).find((used) => !used.name.startsWith("values."));
  return bad === undefined ? undefined : `${name} cannot be used: the image itself uses $(${bad.name})`;
}
