import { parseArgs } from "node:util";
import { SUITE_NAMES, type SuiteName } from "./suite.ts";

/** What a run was asked for. */
export interface TestArguments {
  /** In the order in which they run. */
  readonly suites: readonly SuiteName[];
  /** Only files whose path contains one of these; empty: all. */
  readonly filters: readonly string[];
  /** Prints each test, and what tests write. */
  readonly verbose: boolean;
  readonly help: boolean;
}

export const USAGE = `npm test -- [unit] [go] [integration] [e2e] [--filter TEXT] [--verbose]

  Suites run in that order; without any, all of them do.
  --filter TEXT  only files whose path contains TEXT (repeatable; a path as an argument means the same)
  --verbose      print each test, and what tests write
`;

/** Parses the command line. @throws Error with a message for people. */
export function parseArguments(argv: readonly string[]): TestArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      filter: { type: "string", multiple: true, default: [] },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const isSuite = (word: string): word is SuiteName => (SUITE_NAMES as readonly string[]).includes(word);
  const paths = positionals.filter((word) => !isSuite(word));
  const unknown = paths.find((word) => !/[/.]/.test(word));
  if (unknown !== undefined) throw new Error(`there is no suite "${unknown}"; there are ${SUITE_NAMES.join(", ")}`);
  const named = new Set(positionals);
  return {
    suites: positionals.some(isSuite) ? SUITE_NAMES.filter((name) => named.has(name)) : SUITE_NAMES,
    filters: [...values.filter, ...paths.map((path) => path.replace(/^\.\//, ""))],
    verbose: values.verbose,
    help: values.help,
  };
}
