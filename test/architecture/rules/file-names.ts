import type { Rule } from "./violation.ts";

/** Names that say nothing about what is inside. */
const EMPTY_WORDS = /^(utils?|utilities|helpers?|common|misc|miscellaneous|stuff|tools?)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Files and directories are named in kebab-case after the one concept in them. */
export const fileNames: Rule = ({ workspaces }) =>
  workspaces.flatMap(({ directory, files }) =>
    files.flatMap(({ path }) => {
      const segments = path.slice(directory.length + 1).split("/");
      const words = segments.map((segment) => segment.replace(/(\.[a-z0-9-]+)*\.m?ts$/, ""));
      const empty = words.find((word) => EMPTY_WORDS.test(word));
      const odd = words.find((word) => !KEBAB_CASE.test(word));
      if (empty !== undefined) {
        return [{ path, line: 1, message: `"${empty}" says nothing: name it after the concept, one per file` }];
      }
      return odd === undefined ? [] : [{ path, line: 1, message: `"${odd}" is not kebab-case: rename it` }];
    }),
  );
