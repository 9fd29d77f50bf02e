import type { ParseArgsOptionsConfig } from "node:util";
import type { Command, CommandContext } from "./command.ts";
import { parseOptions } from "./parse-options.ts";
import { UsageError } from "./usage-error.ts";

/** What follows a command's name: `list` of `carrel session list`. */
export interface Verb {
  readonly options: ParseArgsOptionsConfig;
  readonly run: (context: CommandContext) => Promise<void>;
}

/** A verb with the options it takes and at most so many further words. */
export function verb<Options extends ParseArgsOptionsConfig>(
  options: Options,
  positionals: number,
  run: (parsed: ReturnType<typeof parseOptions<Options>>, signal: AbortSignal) => Promise<void>,
): Verb {
  return { options, run: ({ args, signal }) => run(parseOptions(args, options, positionals), signal) };
}

/** A command that is nothing but its verbs. */
export function commandOf(
  name: string,
  { verbs, ...texts }: Pick<Command, "summary" | "help"> & { readonly verbs: Readonly<Record<string, Verb>> },
): Command {
  return {
    ...texts,
    verbs,
    async run({ args: [word = "", ...args], signal }) {
      const chosen = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
      if (chosen === undefined)
        throw new UsageError(
          `${word === "" ? "say what" : `unknown: ${name} ${word}`}; there are ${Object.keys(verbs).join(", ")}`,
        );
      await chosen.run({ args, signal });
    },
  };
}

/** The one word that a verb needs. @throws UsageError when it is missing. */
export function required(positionals: readonly string[], what: string): string {
  const [word] = positionals;
  if (word === undefined) throw new UsageError(`give ${what}`);
  return word;
}
