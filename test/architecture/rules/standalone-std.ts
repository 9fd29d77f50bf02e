import { manifestLine, runtimeDependencies } from "../repository/repository.ts";
import type { Rule } from "./violation.ts";

/** std stands on nothing: everything else stands on it. */
export const standaloneStd: Rule = ({ workspaces }) =>
  workspaces
    .filter(({ layer }) => layer === "std")
    .flatMap((workspace) =>
      runtimeDependencies(workspace.manifest).map((name) => ({
        path: `${workspace.directory}/package.json`,
        line: manifestLine(workspace, name),
        message: `${workspace.name} must not depend on ${name}: put what needs it into the package that uses it`,
      })),
    );
