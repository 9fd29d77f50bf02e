import { basename } from "node:path";
import type { SourceFile, Workspace } from "../repository/repository.ts";
import type { Rule } from "./violation.ts";

/** `process.exit`, `process.env`, and what hides them. */
const ACCESS = /\bprocess\s*\??\.\s*(exit|env|abort|reallyExit)\b|\bprocess\s*(?:\?\.)?\s*(\[)/g;

/** The environment is read, and the process ended, only where a program is wired: packages/service and main.ts. */
export const processAccess: Rule = ({ workspaces }) =>
  workspaces.flatMap((workspace) =>
    workspace.files.flatMap((file) => {
      if (workspace.layer === "service" || workspace.layer === "test" || file.isMain || file.isTest) return [];
      const used = [...file.code.matchAll(ACCESS)].map((match) => ({
        word: match[1] ?? "[…]",
        line: file.code.slice(0, match.index).split("\n").length,
      }));
      const imported = file.imports
        .filter(({ specifier }) => specifier === "node:process")
        .map(({ line }) => ({ word: "import", line }));
      return [...used, ...imported]
        .filter(({ word }) => !(word === "env" && isEnvironmentFile(workspace, file)))
        .map(({ word, line }) => ({ path: file.path, line, message: advice(word) }));
    }),
  );

/** What a person runs has no packages/service: one file of it reads the environment, so that it can be found. */
function isEnvironmentFile({ layer }: Workspace, { path }: SourceFile): boolean {
  return (layer === "tool" || layer === "cli") && basename(path) === "environment.ts";
}

function advice(word: string): string {
  if (word === "env")
    return "process.env is read in packages/service and main.ts only: take the value as a parameter (a tool or the CLI may have one environment.ts)";
  if (word === "import") return "node:process is not imported: it would hide process.exit and process.env";
  if (word === "[…]") return "process[…] hides what it reads: write it out";
  return `process.${word} is called in packages/service and main.ts only: throw, or return a status`;
}
