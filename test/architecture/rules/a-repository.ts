import { toSourceFile } from "../repository/read-repository.ts";
import type { Manifest, Repository, Workspace } from "../repository/repository.ts";

/** What a workspace of {@link aRepository} is made of. */
export interface WorkspaceGiven extends Partial<Manifest> {
  readonly layer?: string;
  readonly references?: readonly string[];
  /** Text by path within the workspace. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A repository to try rules on: workspaces by directory, called `@carrel/` and the directory's last part. */
export function aRepository(given: Readonly<Record<string, WorkspaceGiven>>, root: Partial<Manifest> = {}): Repository {
  const workspaces = Object.entries(given).map(([directory, parts]): Workspace => {
    const { layer, references = [], files = {}, ...rest } = parts;
    const manifest: Manifest = { name: `@carrel/${directory.split("/").at(-1)}`, ...rest };
    return {
      name: manifest.name,
      directory,
      layer,
      manifest,
      manifestText: JSON.stringify(manifest, undefined, 2),
      references,
      files: Object.entries(files).map(([path, text]) => toSourceFile(`${directory}/${path}`, text)),
    };
  });
  return { root: { name: "carrel", ...root }, references: Object.keys(given), workspaces };
}
