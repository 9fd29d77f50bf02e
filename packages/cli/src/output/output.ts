import { stringify } from "yaml";
import { UsageError } from "../commands/usage-error.ts";

/** The option that chooses how results are written. */
export const OUTPUT = { output: { type: "string", short: "o", default: "table" } } as const;
/** Its line in `--help`. */
export const OUTPUT_HELP = "  -o, --output      table (default), json or yaml";

/** Writes a result to stdout: as JSON or YAML whole, as a table what `table` makes of it. */
export function printOutput(output: string, value: unknown, table: () => string): void {
  process.stdout.write(`${render(output, value, table)}\n`);
}

function render(output: string, value: unknown, table: () => string): string {
  if (output === "json") return JSON.stringify(value, undefined, 2);
  if (output === "yaml") return stringify(value, { lineWidth: 0 }).trimEnd();
  if (output === "table") return table();
  throw new UsageError(`--output ${output}: there are table, json and yaml`);
}
