import { isBuiltin } from "node:module";
import { posix } from "node:path";
import {
  packageOf,
  type Repository,
  runtimeDependencies,
  type SourceFile,
  type Workspace,
} from "../repository/repository.ts";
import type { Rule } from "./violation.ts";

/** Every import is of the own workspace, or declared in its package.json and exported by whoever it is of. */
export const declaredImports: Rule = (repository) =>
  repository.workspaces.flatMap((workspace) =>
    workspace.files.flatMap((file) =>
      file.imports.flatMap(({ specifier, line }) => {
        const message = objection(specifier, file, workspace, repository);
        return message === undefined ? [] : [{ path: file.path, line, message }];
      }),
    ),
  );

function objection(
  specifier: string,
  file: SourceFile,
  workspace: Workspace,
  repository: Repository,
): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  if (isBuiltin(specifier)) return `write "node:${specifier}": without node: it could be a package`;
  if (specifier.startsWith(".")) return relativeObjection(specifier, file, workspace);
  const name = packageOf(specifier);
  if (name === undefined) return `"${specifier}" is neither a package nor a relative path`;
  if (name !== workspace.name && !mayImport(name, file, workspace, repository)) {
    const declaredForTests = Object.keys(workspace.manifest.devDependencies ?? {}).includes(name);
    return declaredForTests
      ? `${name} is a devDependency of ${workspace.name}, and this is no test: move it to dependencies`
      : `${name} is not declared in ${workspace.directory}/package.json: add it there (and to tsconfig's references if it is ours)`;
  }
  const target = repository.workspaces.find((candidate) => candidate.name === name);
  return target === undefined ? undefined : exportObjection(specifier, target);
}

function relativeObjection(specifier: string, file: SourceFile, workspace: Workspace): string | undefined {
  const target = posix.join(posix.dirname(file.path), specifier);
  if (target.startsWith(`${workspace.directory}/`)) return undefined;
  return `"${specifier}" leaves ${workspace.directory}: import the other workspace by its name`;
}

function mayImport(name: string, file: SourceFile, { manifest, layer }: Workspace, { root }: Repository): boolean {
  if (runtimeDependencies(manifest).includes(name)) return true;
  if (!file.isTest && layer !== "test") return false;
  // What the root declares for everybody is for tests and builds.
  return [manifest.devDependencies, root.devDependencies].some((table) => name in (table ?? {}));
}

function exportObjection(specifier: string, target: Workspace): string | undefined {
  const exported = Object.keys(target.manifest.exports ?? {});
  const wanted = `.${specifier.slice(target.name.length)}`;
  const isExported = exported.some((key) => {
    const [prefix = "", suffix] = key.split("*");
    return suffix === undefined ? key === wanted : wanted.startsWith(prefix) && wanted.endsWith(suffix);
  });
  if (isExported) return undefined;
  return `"${specifier}" is not exported by ${target.name}: import what it exports, or add an entry to its exports`;
}
