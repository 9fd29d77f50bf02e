import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { CarrelError } from "@carrel/std";
import { lintFiles, type FoundProblem, type LintedFile } from "../template/lint-files.ts";
import { UsageError } from "./usage-error.ts";
import { commandOf, verb } from "./verb.ts";

const lint = verb(
  {
    profiles: { type: "string", multiple: true, default: [] },
    output: { type: "string", short: "o", default: "text" },
  },
  Infinity,
  async ({ values: { profiles, output }, positionals }, signal) => {
    if (positionals.length === 0) throw new UsageError("give the files; - is standard input");
    if (output !== "text" && output !== "json") throw new UsageError(`--output ${output}: there are text and json`);
    const read = async (names: readonly string[]): Promise<readonly LintedFile[]> =>
      await Promise.all(names.map(async (name) => ({ name, text: await readText(name, signal) })));
    const { problems, templates } = lintFiles(await read(positionals), await read(profiles));
    const errors = problems.filter(({ severity }) => severity === "error").length;
    if (output === "json") process.stdout.write(`${JSON.stringify(problems, undefined, 2)}\n`);
    else process.stdout.write(problems.map((problem) => `${line(problem)}\n`).join(""));
    if (errors > 0) {
      throw new CarrelError("TEMPLATE_INVALID", `${count(errors, "error")} in ${count(templates, "template")}`);
    }
    if (templates === 0) throw new UsageError("the files hold no SessionTemplate");
    if (output === "text")
      process.stdout.write(`${count(templates, "template")}, ${count(problems.length, "warning")}, no errors\n`);
  },
);

function line({ file, line: number, severity, rule, path, name, message }: FoundProblem): string {
  const where = [name, path].filter((part) => part !== "").join(" ");
  return `${file}:${number}: ${severity}: [${rule}] ${where === "" ? "" : `${where}: `}${message}`;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

async function readText(name: string, signal: AbortSignal): Promise<string> {
  try {
    return name === "-" ? await textOf(process.stdin) : await readFile(name, { encoding: "utf8", signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new UsageError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export const template = commandOf("template", {
  summary: "check templates without a cluster",
  help: `carrel template lint FILE... [--profiles FILE]... [-o text|json]

Checks every SessionTemplate in the YAML files (- is standard input) as the API server and Carrel's webhook would when
it is applied: schema, variables, stages, secrets, access, budget, names, order of objects.

  --profiles FILE   the PolicyProfiles that there are; may be repeated
  -o, --output      text (default) or json

PolicyProfiles with ceiling: true, in any of the files, bound what templates may ask for; without one the built-in
bounds hold. With --profiles, a template that names another profile is wrong.

Exit code 0: no errors; 1: errors; 2: nothing to check, or typed wrong. docs/reference/templates.md explains the fields.
`,
  verbs: { lint },
});
