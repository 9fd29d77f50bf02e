import { manifestLine, packageOf, runtimeDependencies } from "../repository/repository.ts";
import type { Rule } from "./violation.ts";

/** Every workspace that another one declares is imported by it: what is declared for nothing hides what is used. */
export const usedDependencies: Rule = ({ workspaces }) => {
  const ours = new Set(workspaces.map(({ name }) => name));
  return workspaces.flatMap((workspace) => {
    const { manifest, directory, files } = workspace;
    const imported = new Set(files.flatMap(({ imports }) => imports.map(({ specifier }) => packageOf(specifier))));
    return [...runtimeDependencies(manifest), ...Object.keys(manifest.devDependencies ?? {})]
      .filter((name) => ours.has(name) && !imported.has(name))
      .map((name) => ({
        path: `${directory}/package.json`,
        line: manifestLine(workspace, name),
        message: `declares ${name}, which no file of ${directory} imports: remove it (also from tsconfig's references)`,
      }));
  });
};
