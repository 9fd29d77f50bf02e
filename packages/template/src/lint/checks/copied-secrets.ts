import { GENERATED_SECRET } from "../../generate/generated-secret.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import { namespaceProblem } from "../namespace-problem.ts";
import type { Problem } from "../problem.ts";

/** Copies that would go nowhere, or onto each other. */
export const copiedSecrets: Check = ({ spec }) => {
  const taken = new Map<string, string>();
  return spec.secrets.flatMap(({ from, to, namespaces }, index) => {
    const path = `spec.secrets[${index}]`;
    const name = to ?? from.name;
    const problems: Problem[] = namespaces.flatMap((short, at) => {
      const problem = namespaceProblem(spec, short);
      if (problem !== undefined) return [errorAt("unknown-namespace", `${path}.namespaces[${at}]`, problem)];
      const key = `${short}/${name}`;
      const earlier = taken.get(key);
      taken.set(key, path);
      return earlier === undefined
        ? []
        : [errorAt("duplicate", path, `the Secret ${name} of namespace ${short} comes from ${earlier} already`)];
    });
    if (name === GENERATED_SECRET)
      problems.push(
        errorAt("reserved-name", `${path}.to`, `the Secret ${name} is Carrel's own; give another name in to`),
      );
    return problems;
  });
};
