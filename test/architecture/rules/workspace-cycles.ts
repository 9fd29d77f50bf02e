import { manifestLine, runtimeDependencies, type Workspace } from "../repository/repository.ts";
import type { Rule, Violation } from "./violation.ts";

/** No workspace depends on itself through others. devDependencies are left out: tests may look back. */
export const workspaceCycles: Rule = ({ workspaces }) => {
  const byName = new Map(workspaces.map((workspace) => [workspace.name, workspace]));
  const done = new Set<string>();
  const violations: Violation[] = [];
  const visit = (workspace: Workspace, path: readonly string[]): void => {
    if (done.has(workspace.name)) return;
    for (const name of runtimeDependencies(workspace.manifest)) {
      const target = byName.get(name);
      if (target === undefined) continue;
      const way = [...path, workspace.name];
      const at = way.indexOf(name);
      if (at < 0) visit(target, way);
      else {
        const cycle = [...way.slice(at), name].join(" → ");
        const message = `closes the cycle ${cycle}: move what they share into a package below both`;
        violations.push({
          path: `${workspace.directory}/package.json`,
          line: manifestLine(workspace, name),
          message,
        });
      }
    }
    done.add(workspace.name);
  };
  for (const workspace of workspaces) visit(workspace, []);
  return violations;
};
