import { spawn } from "node:child_process";
import path from "node:path";
import { stopCluster } from "@carrel/cluster";
import { CarrelError, deadlineSignal } from "@carrel/std";
import { BENCH_CLUSTER } from "../install/ensure-cluster.ts";
import { REPOSITORY } from "../install/install-chart.ts";
import type { Command } from "./command.ts";

export const bench: Command = {
  summary: "benchmarks, each beside a floor or a peer measured in the same run",
  help: `carrel bench session|warm|burst|calls|scale [--rounds N] [--json] [--keep]

session: a cold session (request → reply "ready" over NATS) beside the bare pod alone, its API calls counted from the
API server's audit log, and what is left after its end. On an embedded cluster of its own, which is stopped at the end.
Takes about 20 s a round; a machine that is busy with something else gives figures that mean nothing.

The others run on a control plane without nodes, on which every desk is ready as soon as it exists:
warm: claims of spares, one at a time (--rounds, default 100); then 1,000 at once on 100 spares, the leader killed.
burst: as many requests at once (--rounds, default 500) at three provisioners, beside the same objects by bare calls; then
again with the leader killed.
calls: API calls in a session's life, its stages 20 ms from the API server, calls and memory of idle sessions.
scale: a provisioner restarted with as many sessions in etcd (--rounds, default 10,000).

  --rounds N    for session: one bare pod and one session each (default 20), after 3 that are not counted
  --json        the figures as one JSON object on the last line of standard output; progress goes to standard error
  --keep        leave the cluster running: the next run starts sooner (./carrel down --cluster ${BENCH_CLUSTER} ends it)
`,
  async run({ args, signal }) {
    const { code, killedBy } = await runBench(args, signal);
    process.exitCode = code ?? 1;
    if (killedBy === undefined) return;
    // It could not tidy up itself.
    if (!args.includes("--keep")) await stopCluster(BENCH_CLUSTER, { signal: deadlineSignal(120_000) });
    throw new CarrelError("BENCH_FAILED", `the benchmark was ended by ${killedBy}`);
  },
};

/** Runs tools/bench as a process of its own and waits for its end, which an interrupt only asks for. */
function runBench(
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly code: number | undefined; readonly killedBy: string | undefined }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(REPOSITORY, "tools/bench/src/main.ts"), ...args], {
      stdio: "inherit",
      // A group of its own: Ctrl-C reaches it once, from here.
      detached: true,
    });
    const interrupt = (): void => void child.kill("SIGINT");
    signal.addEventListener("abort", interrupt, { once: true });
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      signal.removeEventListener("abort", interrupt);
      resolve({ code: code ?? undefined, killedBy: killedBy ?? undefined });
    });
  });
}
