import { CarrelError, systemClock } from "@carrel/std";
import { clusterNames } from "./cluster/cluster-record.ts";
import { clusterStatus } from "./cluster/cluster-status.ts";
import { startCluster } from "./cluster/start-cluster.ts";
import { stopCluster } from "./cluster/stop-cluster.ts";
import { ensureProgram } from "./programs/ensure-program.ts";
import { PROGRAMS, type ProgramName } from "./programs/program-catalog.ts";

const USAGE = `usage: node tools/cluster/src/main.ts COMMAND [NAME]
  start [NAME]         start a cluster (default name: dev) and print its kubeconfig path
  stop [NAME]          end it and remove everything of it
  status [NAME]        its components; without a name, all clusters
  programs [NAME…]     build programs (default: all) and print their paths`;

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => interrupted.abort(new CarrelError("INTERRUPTED", `interrupted by ${signal}`)));
}

const startMs = systemClock.monotonic();
const options = {
  signal: interrupted.signal,
  onProgress: (line: string): void => {
    const seconds = ((systemClock.monotonic() - startMs) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${seconds} s  ${line}\n`);
  },
};

async function printStatus(name: string): Promise<void> {
  const status = await clusterStatus(name, interrupted.signal);
  console.log(`${name}: ${status.state}${status.cluster === undefined ? "" : `, ${status.cluster.server}`}`);
  for (const { name: component, pid, alive, logPath } of status.components) {
    console.log(`  ${component.padEnd(24)} ${alive ? "runs " : "ENDED"} pid ${pid}  ${logPath}`);
  }
}

const [command = "", ...names] = process.argv.slice(2);
const [name = "dev"] = names;
try {
  if (command === "start") console.log((await startCluster({ name, ...options })).kubeconfigPath);
  else if (command === "stop") await stopCluster(name, options);
  else if (command === "status")
    for (const each of names.length > 0 ? names : await clusterNames()) await printStatus(each);
  else if (command === "programs") {
    const known = Object.keys(PROGRAMS) as ProgramName[];
    for (const program of names.length > 0 ? names : known) {
      const wanted = known.find((each) => each === program);
      if (wanted === undefined) throw new CarrelError("INVALID", `no program ${program}; known: ${known.join(", ")}`);
      console.log(await ensureProgram(wanted, options));
    }
  } else {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
  }
} catch (error) {
  const known = error instanceof CarrelError;
  process.stderr.write(`${known ? `${error.code}: ${error.message}` : String((error as Error).stack)}\n`);
  process.exitCode = 1;
}
