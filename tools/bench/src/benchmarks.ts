import { runBurstBenchmark } from "./burst/run-burst-benchmark.ts";
import { runCallsBenchmark } from "./calls/run-calls-benchmark.ts";
import { runScaleBenchmark } from "./scale/run-scale-benchmark.ts";
import { runSessionBenchmark } from "./session/run-session-benchmark.ts";
import { runWarmBenchmark } from "./warm/run-warm-benchmark.ts";

/** What every benchmark is given. */
export interface BenchmarkOptions {
  /** How often, or how many; each benchmark says of what. */
  readonly rounds: number | undefined;
  /** Leave the cluster running, where there is one. */
  readonly keep: boolean;
  /** Progress, and at the end a report. */
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A benchmark: gives its figures, one JSON object. */
export type Benchmark = (options: BenchmarkOptions) => Promise<object>;

/** All benchmarks by name. `carrel bench --help` says what each is. */
export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  session: ({ rounds = 20, ...rest }) => runSessionBenchmark({ rounds, ...rest }),
  warm: ({ rounds = 100, ...rest }) => runWarmBenchmark({ rounds, ...rest }),
  burst: ({ rounds = 500, ...rest }) => runBurstBenchmark({ requests: rounds, ...rest }),
  calls: (options) => runCallsBenchmark(options),
  scale: ({ rounds = 10_000, ...rest }) => runScaleBenchmark({ sessions: rounds, ...rest }),
};
