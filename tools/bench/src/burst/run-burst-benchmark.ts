import { SESSIONS, WORKSPACES, type KubeClient } from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { aSessionTemplate } from "@carrel/testkit";
import type { CarrelClient } from "@carrel/client";
import { findLeader } from "../services/find-leader.ts";
import { openServices, type BenchServices } from "../services/open-services.ts";
import { pairingOf } from "../services/pairing.ts";
import { percentile } from "../statistics/percentile.ts";
import type { BurstFigures } from "./burst-figures.ts";
import { createFloorSession, readModel, type SessionModel } from "./floor-session.ts";

export interface RunBurstOptions {
  readonly requests: number;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

const REPLICAS = 3;
/** How long a caller of the burst waits. */
const DEADLINE_MS = 60_000;
/** Calls of the floor that are under way at once, as many sessions as Carrel lets start at once. */
const AT_ONCE = 200;
/** When, after the first request, the leader is killed. */
const KILL_AFTER_MS = 1000;

/**
 * Requests that all arrive at once: at three provisioners on a control plane without nodes, where every desk is ready as
 * soon as it exists. Once undisturbed, for the rate beside bare API calls; once with the leader killed, for what is lost.
 */
export async function runBurstBenchmark({ requests, tell, signal }: RunBurstOptions): Promise<BurstFigures> {
  let model: SessionModel;
  await using bench = await openServices({
    provisioners: REPLICAS,
    maxSessions: 100_000,
    maxStarting: AT_ONCE,
    signal,
  });
  const { services, backend } = bench;
  const template = await services.template(aSessionTemplate());
  await burst(backend, { template, requests: 20, prefix: "warm-up" }, signal);

  tell(`burst of ${requests}`);
  const calm = await burst(backend, { template, requests, prefix: "calm" }, signal);
  tell(`  all answered after ${(calm.burstMs / 1000).toFixed(1)} s`);
  const [first] = calm.names;
  model = await readModel(services.client, first ?? "", signal);

  tell(`burst of ${requests}, the leader killed after ${KILL_AFTER_MS} ms`);
  const killing = systemClock.sleep(KILL_AFTER_MS, signal).then(async () => (await findLeader(services)).kill());
  const disturbed = await burst(backend, { template, requests, prefix: "killed" }, signal);
  await killing;
  tell(`  all answered after ${(disturbed.burstMs / 1000).toFixed(1)} s`);
  const asked = [...calm.names, ...disturbed.names];
  const pairing = await settledPairing(bench, asked, template, signal);

  await Promise.all(services.provisioners.map((provisioner) => provisioner.kill()));
  await services.reaper.kill();
  tell(`the same objects by bare calls, ${AT_ONCE} sessions at once`);
  const floorMs = await floor(services.client, model, requests, signal);
  tell(`  after ${(floorMs / 1000).toFixed(1)} s`);
  return {
    requests,
    replicas: REPLICAS,
    ...pairing,
    late: calm.late + disturbed.late,
    burstMs: calm.burstMs,
    floorMs,
    ratioToFloor: floorMs / calm.burstMs,
    killed: {
      p50Ms: percentile(disturbed.answersMs, 50),
      p95Ms: percentile(disturbed.answersMs, 95),
      burstMs: disturbed.burstMs,
    },
  };
}

interface Burst {
  readonly names: readonly string[];
  readonly answersMs: readonly number[];
  readonly late: number;
  readonly burstMs: number;
}

async function burst(
  backend: CarrelClient,
  { template, requests, prefix }: { readonly template: string; readonly requests: number; readonly prefix: string },
  signal: AbortSignal,
): Promise<Burst> {
  const keys = Array.from({ length: requests }, (_, index) => `${prefix}-${index}`);
  const startMs = performance.now();
  const answers = await Promise.all(
    keys.map(async (key) => {
      const deadlineMs = systemClock.now() + DEADLINE_MS;
      const options = { idempotencyKey: key, deadlineMs, signal };
      const ready = await backend.createSession({ template, user: { id: key } }, options).then(
        ({ session }) => session.state === "ready",
        () => false,
      );
      return { ready, ms: performance.now() - startMs };
    }),
  );
  const answersMs = answers.map(({ ms }) => ms);
  return {
    names: keys.map((key) => backend.sessionNameOf(key)),
    answersMs,
    late: answers.filter(({ ready, ms }) => !ready || ms > DEADLINE_MS).length,
    burstMs: Math.max(...answersMs),
  };
}

/** What there is, once the leader's successor has put away what the killed one left half done. */
async function settledPairing(
  { services }: BenchServices,
  asked: readonly string[],
  template: string,
  signal: AbortSignal,
): Promise<ReturnType<typeof pairingOf>> {
  await systemClock.sleep(5000, signal);
  const mine = new Set(asked);
  const [sessions, workspaces] = await Promise.all([
    services.client.list(SESSIONS, { signal }),
    services.client.list(WORKSPACES, { signal }),
  ]);
  const ours = sessions.items.filter(
    ({ metadata, spec }) => spec.template.name === template && mine.has(metadata.name),
  );
  return pairingOf(asked, ours, workspaces.items);
}

async function floor(client: KubeClient, model: SessionModel, sessions: number, signal: AbortSignal): Promise<number> {
  const startMs = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < sessions) await createFloorSession(client, model, next++, signal);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, sessions) }, worker));
  return performance.now() - startMs;
}
