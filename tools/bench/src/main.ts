import { parseArgs } from "node:util";
import { CarrelError } from "@carrel/std";
import { runSessionBenchmark } from "./session/run-session-benchmark.ts";

const USAGE = "usage: ./carrel bench session [--rounds N] [--json] [--keep]; ./carrel bench --help tells more\n";

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // The second time without waiting for anybody; from then on the cluster is the next run's to clean up.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new CarrelError("INTERRUPTED", `interrupted by ${name}`));
  });
}

function parse(): { readonly help: boolean; readonly json: boolean; readonly keep: boolean; readonly rounds: number } {
  const { values, positionals } = parseArgs({
    options: {
      rounds: { type: "string", default: "20" },
      json: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    allowPositionals: true,
  });
  const rounds = Number(values.rounds);
  if (!values.help && (positionals.length !== 1 || positionals[0] !== "session"))
    throw new Error("name one benchmark, of: session");
  if (!(Number.isSafeInteger(rounds) && rounds >= 1 && rounds <= 1000))
    throw new Error(`--rounds ${values.rounds}: give a number from 1 to 1000`);
  return { ...values, rounds };
}

let wanted: ReturnType<typeof parse>;
try {
  wanted = parse();
} catch (error) {
  process.stderr.write(`carrel bench: ${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
if (wanted.help) {
  process.stdout.write(USAGE);
} else {
  try {
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    const figures = await runSessionBenchmark({ ...wanted, tell, signal: interrupt.signal });
    if (wanted.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  } catch (error) {
    const code = error instanceof CarrelError ? ` [${error.code}]` : `\n${(error as Error).stack}`;
    process.stderr.write(`\ncarrel bench: ${(error as Error).message}${code}\n`);
    process.exitCode = interrupt.signal.aborted ? 130 : 1;
  }
}
