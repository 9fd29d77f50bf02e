import { availableParallelism, loadavg } from "node:os";
import { openBenchCluster } from "../cluster/bench-cluster.ts";
import { renderReport } from "./render-report.ts";
import { measureSessions } from "./session-benchmark.ts";
import { summarise, type SessionFigures } from "./session-figures.ts";

export interface RunSessionBenchmarkOptions {
  /** Counted rounds, at least 1. */
  readonly rounds: number;
  /** Leave the cluster running. */
  readonly keep: boolean;
  /** Progress, and at the end the report. */
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The benchmark of one cold session: on a cluster of its own, which is stopped at the end whatever happens. */
export async function runSessionBenchmark(options: RunSessionBenchmarkOptions): Promise<SessionFigures> {
  const { rounds, keep, tell, signal } = options;
  await using cluster = await openBenchCluster({ keep, tell, signal });
  const [before = 0] = loadavg();
  const measured = await measureSessions({ cluster, rounds, tell, signal });
  const [after = 0] = loadavg();
  const figures = summarise(measured.rounds, measured.left.length);
  tell(`\n${renderReport(figures, { ...measured, load: [before, after], cores: availableParallelism() })}`);
  return figures;
}
