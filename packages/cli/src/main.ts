import { CarrelError } from "@carrel/std";
import { bench } from "./commands/bench.ts";
import type { Command } from "./commands/command.ts";
import { completionOf } from "./commands/completion.ts";
import { dev } from "./commands/dev.ts";
import { down } from "./commands/down.ts";
import { exitCodeOf } from "./commands/exit-code.ts";
import { session } from "./commands/session.ts";
import { template } from "./commands/template.ts";
import { tenant } from "./commands/tenant.ts";
import { up } from "./commands/up.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  up,
  down,
  session,
  tenant,
  template,
  dev,
  bench,
  completion: completionOf(() => COMMANDS),
};
const OVERVIEW = `carrel: hosted workspaces on Kubernetes

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ./carrel ${name.padEnd(10)} ${summary}`)
  .join("\n")}
  ./carrel test       all tests; arguments choose: unit, integration, e2e

  ./carrel COMMAND --help tells more
`;

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => interrupt.abort(new CarrelError("INTERRUPTED", "interrupted")));

const [name = "--help", ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command === undefined) {
  const help = name === "--help" || name === "-h" || name === "help";
  (help ? process.stdout : process.stderr).write(help ? OVERVIEW : `carrel: unknown command ${name}\n\n${OVERVIEW}`);
  process.exitCode = help ? 0 : 2;
} else if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(command.help);
} else {
  try {
    await command.run({ args, signal: interrupt.signal });
  } catch (error) {
    const code = error instanceof CarrelError ? ` [${error.code}]` : "";
    process.stderr.write(`\ncarrel ${name}: ${error instanceof Error ? error.message : String(error)}${code}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
