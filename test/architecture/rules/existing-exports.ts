import { posix } from "node:path";
import { manifestLine } from "../repository/repository.ts";
import type { Rule } from "./violation.ts";

/** What a workspace's `exports` name is there. */
export const existingExports: Rule = ({ workspaces }) =>
  workspaces.flatMap((workspace) => {
    const paths = new Set(workspace.files.map(({ path }) => path));
    return Object.entries(workspace.manifest.exports ?? {})
      .filter(([, target]) => !target.includes("*") && !paths.has(posix.join(workspace.directory, target)))
      .map(([key, target]) => ({
        path: `${workspace.directory}/package.json`,
        line: manifestLine(workspace, key),
        message: `exports ${target}, which is not there: remove the entry, or name the file that is meant`,
      }));
  });
