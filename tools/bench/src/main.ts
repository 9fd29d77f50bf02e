import { parseArgs } from "node:util";
import { CarrelError } from "@carrel/std";
import { runSessionBenchmark } from "./session/run-session-benchmark.ts";

const USAGE = `carrel bench session [--rounds N] [--json] [--keep]

Benchmarks, each beside a floor or a peer that is measured in the same run.

session: a cold session (request → reply "ready" over NATS) beside the bare pod alone, its API calls counted from the
API server's audit log, and what is left after its end. On an embedded cluster of its own, which is stopped at the end.

  --rounds N    rounds of one bare pod and one session each (default 20), after 3 that are not counted
  --json        the figures as one JSON object, on the last line of standard output; the report goes to standard error
  --keep        leave the cluster running: the next run starts sooner (./carrel down --cluster carrel-bench ends it)
`;

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
    throw new Error(`name one benchmark, of: session`);
  if (!(Number.isSafeInteger(rounds) && rounds >= 1 && rounds <= 1000))
    throw new Error(`--rounds ${values.rounds}: give a number from 1 to 1000`);
  return { ...values, rounds };
}

let wanted: ReturnType<typeof parse>;
try {
  wanted = parse();
} catch (error) {
  process.stderr.write(`carrel bench: ${(error as Error).message}\n\n${USAGE}`);
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
