import { parseArgs } from "node:util";
import { CarrelError } from "@carrel/std";
import { BENCHMARKS, type Benchmark } from "./benchmarks.ts";

const NAMES = Object.keys(BENCHMARKS).join("|");
const USAGE = `usage: ./carrel bench ${NAMES} [--rounds N] [--json] [--keep]; ./carrel bench --help tells more\n`;

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // The second time without waiting for anybody; from then on the cluster is the next run's to clean up.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new CarrelError("INTERRUPTED", `interrupted by ${name}`));
  });
}

interface Wanted {
  readonly help: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  readonly rounds: number | undefined;
  readonly benchmark: Benchmark | undefined;
}

function parse(): Wanted {
  const { values, positionals } = parseArgs({
    options: {
      rounds: { type: "string" },
      json: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    allowPositionals: true,
  });
  const [name = ""] = positionals;
  const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (!values.help && (positionals.length !== 1 || benchmark === undefined))
    throw new Error(`name one benchmark, of: ${Object.keys(BENCHMARKS).join(", ")}`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds >= 1 && rounds <= 20_000))
    throw new Error(`--rounds ${values.rounds}: give a number from 1 to 20000`);
  return { ...values, rounds, benchmark };
}

let wanted: ReturnType<typeof parse>;
try {
  wanted = parse();
} catch (error) {
  process.stderr.write(`carrel bench: ${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
if (wanted.help || wanted.benchmark === undefined) {
  process.stdout.write(USAGE);
} else {
  try {
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    const { benchmark, rounds, keep } = wanted;
    const figures = await benchmark({ rounds, keep, tell, signal: interrupt.signal });
    process.stdout.write(`${JSON.stringify(figures, undefined, wanted.json ? undefined : 2)}\n`);
  } catch (error) {
    const code = error instanceof CarrelError ? ` [${error.code}]` : `\n${(error as Error).stack}`;
    process.stderr.write(`\ncarrel bench: ${(error as Error).message}${code}\n`);
    process.exitCode = interrupt.signal.aborted ? 130 : 1;
  }
}
