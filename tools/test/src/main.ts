import { fileURLToPath } from "node:url";
import { parseArguments, type TestArguments, USAGE } from "./parse-arguments.ts";
import { runTests } from "./run-tests.ts";

let wanted: TestArguments;
try {
  wanted = parseArguments(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}
if (wanted.help) {
  console.log(USAGE);
  process.exit(0);
}

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // The second time without waiting for anybody.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new Error(`interrupted by ${name}`));
  });
}
const { tally } = await runTests(wanted, {
  root: fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, ""),
  environment: process.env,
  signal: interrupted.signal,
  print: (line) => console.log(line),
});
process.exitCode = interrupted.signal.aborted ? 130 : tally.failed > 0 ? 1 : 0;
