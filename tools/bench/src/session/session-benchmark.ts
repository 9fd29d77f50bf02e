import { DESK_POD } from "@carrel/api";
import type { CarrelClient } from "@carrel/client";
import { PODS, type Pod } from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { callsOfSession, serviceOf, type SessionNames } from "../audit/attribute-call.ts";
import type { ApiCall } from "../audit/audit-event.ts";
import { AuditLog } from "../audit/audit-log.ts";
import { countCalls } from "../audit/count-calls.ts";
import { podMilestones, sessionMilestones } from "../audit/milestones.ts";
import { isWrite, stagesOf } from "../audit/stages-of.ts";
import type { BenchCluster } from "../cluster/bench-cluster.ts";
import { objectsMentioning } from "@carrel/cli";
import { openWatches, type ClusterWatches } from "../watch/cluster-watches.ts";
import { endSession, measureCold } from "./cold-session.ts";
import { ensureFloorNamespace, FLOOR_NAMESPACE } from "./floor-namespace.ts";
import { planFloorPod } from "./floor-pod.ts";
import { measureFloor } from "./measure-floor.ts";
import type { Round } from "./session-figures.ts";
import { phaseOf, startAtPhase } from "./start-phase.ts";
import { timed, type Timed } from "./timed.ts";

/** Rounds that are not counted: images unpacked, code warm, caches full. */
const WARM_UP_ROUNDS = 3;
/** Last rounds in which the session idles before it ends. */
const IDLE_ROUNDS = 3;
const IDLE_MS = 30_000;
/** Pause before each measurement, and before a ready session counts as idle: what the last step set off has ended. */
const SETTLE_MS = 2000;

export interface SessionBenchmarkOptions {
  readonly cluster: BenchCluster;
  readonly rounds: number;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What the benchmark found. */
export interface SessionMeasurement {
  readonly rounds: readonly Round[];
  /** Objects that still mention a workspace of the run. */
  readonly left: readonly string[];
}

/** Measures bare pods and cold sessions in turns, one thing at a time, and counts the sessions' API calls. */
export async function measureSessions(options: SessionBenchmarkOptions): Promise<SessionMeasurement> {
  const { cluster, tell, signal } = options;
  await using watches = await openWatches(cluster.client, signal);
  const context = { ...options, watches, audit: await AuditLog.open(cluster.cluster.auditLogPath) };
  await endLeftovers(cluster.backend, watches, signal);
  const bench = { ...context, floorPod: await prepareFloor(context) };
  const rounds: Round[] = [];
  const workspaces: string[] = [];
  let anchorMs = Date.now();
  for (let index = -WARM_UP_ROUNDS; index < options.rounds; index++) {
    const idle = index >= options.rounds - IDLE_ROUNDS;
    const phase = phaseOf(Math.max(0, index), options.rounds);
    const { round, names, goneMs } = await runRound(bench, { user: `bench-${index}`, idle, phase, anchorMs });
    workspaces.push(names.workspace);
    anchorMs = goneMs;
    const title = index < 0 ? "warm-up" : `round ${index + 1}/${options.rounds}`;
    tell(`${title}: bare pod ${round.floorMs.toFixed(0)} ms, session ${round.coldMs.toFixed(0)} ms`);
    if (index >= 0) rounds.push(round);
  }
  return { rounds, left: await objectsMentioning(cluster.client, workspaces, signal) };
}

interface Bench extends SessionBenchmarkOptions {
  readonly watches: ClusterWatches;
  readonly audit: AuditLog;
  readonly floorPod: Pod;
}

/** Ends what an interrupted run left on a cluster that was kept: nothing else may happen while something is timed. */
async function endLeftovers(backend: CarrelClient, watches: ClusterWatches, signal: AbortSignal): Promise<void> {
  for (const { metadata, spec, status } of watches.sessions.store.list()) {
    const names = { session: metadata.name, workspace: spec.workspace };
    if (status?.phase !== "Ended") await endSession(backend, watches, names, signal);
  }
}

/** Takes spec and surroundings of a real desk for the bare pods. */
async function prepareFloor({ cluster, watches, signal }: Omit<Bench, "floorPod">): Promise<Pod> {
  const { client, backend } = cluster;
  const { names } = await measureCold(cluster, "bench-model", signal);
  const desk = await client.get(PODS, DESK_POD, { namespace: names.workspace, signal });
  await ensureFloorNamespace(client, names.workspace, signal);
  await endSession(backend, watches, names, signal);
  return planFloorPod(desk, FLOOR_NAMESPACE);
}

interface RoundPlan {
  readonly user: string;
  /** Whether the session idles before it ends. */
  readonly idle: boolean;
  /** At which part of the kubelet's second to start, and when that began. */
  readonly phase: number;
  readonly anchorMs: number;
}

async function runRound(
  bench: Bench,
  { user, idle, phase, anchorMs }: RoundPlan,
): Promise<{ readonly round: Round; readonly names: SessionNames; readonly goneMs: number }> {
  const { cluster, watches, audit, floorPod, signal } = bench;
  const settle = (): Promise<void> => systemClock.sleep(SETTLE_MS, signal);
  const untilPhase = (since: number): Promise<void> =>
    systemClock.sleep(startAtPhase(since, Date.now() + SETTLE_MS, phase) - Date.now(), signal);
  await untilPhase(anchorMs);
  await audit.take();
  const floor = await measureFloor(cluster.client, watches, floorPod, signal);
  await untilPhase(floor.goneMs);
  const cold = await measureCold(cluster, user, signal);
  await settle();
  const rest = idle ? await timed(() => systemClock.sleep(IDLE_MS, signal)) : undefined;
  const goneMs = await endSession(cluster.backend, watches, cold.names, signal);
  await settle();
  const calls = await audit.take();
  return { round: evaluate(calls, { floor, cold, rest }), names: cold.names, goneMs };
}

/** What the log tells about a round. Pure. */
function evaluate(
  log: readonly ApiCall[],
  times: { readonly floor: Timed; readonly cold: Timed & { names: SessionNames }; readonly rest: Timed | undefined },
): Round {
  const { floor, cold, rest } = times;
  const life = callsOfSession(
    log.filter(({ receivedMs }) => receivedMs >= cold.startMs),
    cold.names,
  );
  const untilReady = life.filter(
    (call) => serviceOf(call) === "provisioner" && isWrite(call) && call.receivedMs <= cold.endMs,
  );
  return {
    floorMs: floor.ms,
    coldMs: cold.ms,
    stages: stagesOf(untilReady).length,
    calls: countCalls(life),
    ...(rest === undefined ? {} : { idleCalls: callsWithin(life, rest) }),
    floorMilestones: { ...podMilestones(log, FLOOR_NAMESPACE, floor), "seen Ready": floor.ms },
    coldMilestones: { ...sessionMilestones(log, cold.names, cold), reply: cold.ms },
  };
}

function callsWithin(calls: readonly ApiCall[], { startMs, endMs }: Timed): number {
  return calls.filter(({ receivedMs }) => receivedMs >= startMs && receivedMs < endMs).length;
}
