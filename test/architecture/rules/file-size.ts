import type { Rule } from "./violation.ts";

const MAX_LINES = 400;
const MAX_TEST_LINES = 600;
const MAX_MAIN_LINES = 99;

/** Files stay short enough to be read at once. Blank lines and comments are not counted. */
export const fileSize: Rule = ({ workspaces }) =>
  workspaces
    .flatMap(({ files }) => files)
    .flatMap(({ path, code, isMain, isTest }) => {
      const lines = code.split("\n").filter((line) => line.trim() !== "").length;
      const most = isMain ? MAX_MAIN_LINES : isTest ? MAX_TEST_LINES : MAX_LINES;
      if (lines <= most) return [];
      const cure = isMain ? "main.ts is wiring only: move what decides out of it" : "split it by concept";
      return [{ path, line: 1, message: `has ${lines} lines of code, more than ${most}: ${cure}` }];
    });
