import type { Repository } from "../repository/repository.ts";

/** A place where a rule does not hold. */
export interface Violation {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** What is wrong there, and what to do. */
  readonly message: string;
}

/** A rule of the architecture: pure, gives every place where it does not hold. */
export type Rule = (repository: Repository) => readonly Violation[];

/** One line a violation: `path:line message`. */
export function renderViolations(violations: readonly Violation[]): string {
  return violations.map(({ path, line, message }) => `${path}:${line} ${message}`).join("\n");
}
