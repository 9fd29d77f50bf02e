import { manifestLine, runtimeDependencies } from "../repository/repository.ts";
import type { Rule, Violation } from "./violation.ts";

/** tsconfig's references are the declared dependencies, so that `tsc -b` builds and caches in the right order. */
export const projectReferences: Rule = ({ references, workspaces }) => {
  const byName = new Map(workspaces.map((workspace) => [workspace.name, workspace]));
  const byDirectory = new Map(workspaces.map((workspace) => [workspace.directory, workspace]));
  const violations: Violation[] = [];
  for (const workspace of workspaces) {
    const { directory, manifest } = workspace;
    if (workspace.references === undefined) {
      violations.push({ path: `${directory}/package.json`, line: 1, message: "has no tsconfig.json beside it" });
      continue;
    }
    const declared = [...runtimeDependencies(manifest), ...Object.keys(manifest.devDependencies ?? {})].flatMap(
      (name) => byName.get(name) ?? [],
    );
    for (const target of declared.filter((candidate) => !workspace.references?.includes(candidate.directory))) {
      const message = `declares ${target.name}, but ${directory}/tsconfig.json has no reference to ${target.directory}: add it`;
      violations.push({ path: `${directory}/package.json`, line: manifestLine(workspace, target.name), message });
    }
    for (const reference of workspace.references.filter((path) => !declared.some((one) => one.directory === path))) {
      const name = byDirectory.get(reference)?.name ?? "no workspace";
      const message = `refers to ${reference} (${name}), which package.json does not declare: remove it, or declare it`;
      violations.push({ path: `${directory}/tsconfig.json`, line: 1, message });
    }
  }
  for (const { directory } of workspaces.filter((workspace) => !references.includes(workspace.directory))) {
    violations.push({ path: "tsconfig.json", line: 1, message: `has no reference to ${directory}: add it` });
  }
  return violations;
};
