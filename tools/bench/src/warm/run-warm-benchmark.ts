import { SESSION_TEMPLATES, SESSIONS, WORKSPACES } from "@carrel/kube";
import { CarrelError, systemClock } from "@carrel/std";
import { aSessionTemplate } from "@carrel/testkit";
import { findLeader } from "../services/find-leader.ts";
import { openServices, type BenchServices } from "../services/open-services.ts";
import { pairingOf } from "../services/pairing.ts";
import { percentile } from "../statistics/percentile.ts";

/** What the benchmark `warm` prints as JSON. */
export interface WarmFigures {
  readonly rounds: number;
  /** Of single claims, one after the other: request → `ready` over NATS. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of one durable write to the same API server in the same rounds: what a claim is made of. */
  readonly writeP50Ms: number;
  /** Of the storm: claims at once on fewer spares, the leader killed in the middle. */
  readonly claims: number;
  readonly spares: number;
  readonly lost: number;
  readonly doubled: number;
  /** Spares that no session got. */
  readonly unclaimed: number;
}

export interface RunWarmOptions {
  readonly rounds: number;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

const CLAIMS = 1000;
const SPARES = 100;
const REPLICAS = 3;
const WARM_UP = 5;
/** Pause between single claims: the refill of the last one has ended. */
const PAUSE_MS = 400;

/** Claims of spares on a control plane without nodes: one at a time for their time, and a storm for their exactness. */
export async function runWarmBenchmark({ rounds, tell, signal }: RunWarmOptions): Promise<WarmFigures> {
  await using bench = await openServices({ provisioners: REPLICAS, maxSessions: 100_000, signal });
  const times = await single(bench, rounds, { tell, signal });
  const storm = await claimStorm(bench, { tell, signal });
  return {
    rounds,
    p50Ms: percentile(times.claims, 50),
    p99Ms: percentile(times.claims, 99),
    writeP50Ms: percentile(times.writes, 50),
    claims: CLAIMS,
    spares: SPARES,
    ...storm,
  };
}

type Run = Pick<RunWarmOptions, "tell" | "signal">;

async function single(
  { services, backend }: BenchServices,
  rounds: number,
  { tell, signal }: Run,
): Promise<{ readonly claims: readonly number[]; readonly writes: readonly number[] }> {
  const template = await services.template(aSessionTemplate({ spec: { pool: { size: 20 } } }));
  await untilReadySpares(services, template, 20, signal);
  const claims: number[] = [];
  const writes: number[] = [];
  tell(`${rounds} claims, one at a time`);
  for (let round = -WARM_UP; round < rounds; round++) {
    await systemClock.sleep(PAUSE_MS, signal);
    const writeMs = performance.now();
    const patch = { metadata: { annotations: { round: String(round) } } };
    await services.client.mergePatch(SESSION_TEMPLATES, template, patch, { signal });
    const startMs = performance.now();
    const { session } = await backend.createSession({ template, user: { id: `single-${round}` } }, { signal });
    const endMs = performance.now();
    if (session.state !== "ready") throw new CarrelError("BENCH_FAILED", `session ${session.name} is ${session.state}`);
    if (round >= 0) {
      claims.push(endMs - startMs);
      writes.push(startMs - writeMs);
    }
  }
  return { claims, writes };
}

async function claimStorm(
  { services, backend }: BenchServices,
  { tell, signal }: Run,
): Promise<{ readonly lost: number; readonly doubled: number; readonly unclaimed: number }> {
  const { client } = services;
  const template = await services.template(aSessionTemplate({ spec: { pool: { size: SPARES } } }));
  await untilReadySpares(services, template, SPARES, signal);
  const held = (await client.list(WORKSPACES, { signal })).items.filter(({ spec }) => spec.template.name === template);
  const spares = new Set(held.map(({ metadata }) => metadata.name));
  tell(`${CLAIMS} claims at once on ${SPARES} spares, the leader killed in the middle`);
  const keys = Array.from({ length: CLAIMS }, (_, index) => `storm-${index}`);
  const answered = Promise.allSettled(
    keys.map((key) =>
      backend.createSession(
        { template, user: { id: key } },
        { idempotencyKey: key, deadlineMs: systemClock.now() + 180_000, signal },
      ),
    ),
  );
  await untilSome(async () => {
    const { items } = await client.list(SESSIONS, { signal });
    return (
      items.filter(({ spec, status }) => spec.template.name === template && status?.phase === "Ready").length >= 20
    );
  }, signal);
  await (await findLeader(services)).kill();
  const failed = (await answered).filter(({ status }) => status === "rejected").length;
  if (failed > 0) tell(`  ${failed} requests were refused or late`);
  const [sessions, workspaces] = await Promise.all([
    client.list(SESSIONS, { signal }),
    client.list(WORKSPACES, { signal }),
  ]);
  const asked = keys.map((key) => backend.sessionNameOf(key));
  const ours = sessions.items.filter(({ spec }) => spec.template.name === template);
  const mine = workspaces.items.filter(({ spec }) => spec.template.name === template);
  const claimed = mine.filter(({ metadata, spec }) => spares.has(metadata.name) && spec.session !== undefined).length;
  return { ...pairingOf(asked, ours, mine), unclaimed: SPARES - claimed };
}

async function untilReadySpares(
  { client }: BenchServices["services"],
  template: string,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  await untilSome(
    async () => (await client.get(SESSION_TEMPLATES, template, { signal })).status?.pool?.ready === count,
    signal,
  );
}

/** Looks four times a second, at most 5 minutes. @throws CarrelError `BENCH_FAILED`. */
async function untilSome(look: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const late = systemClock.monotonic() + 300_000;
  while (!(await look())) {
    if (systemClock.monotonic() > late)
      throw new CarrelError("BENCH_FAILED", "the pool did not fill, or nothing was claimed");
    await systemClock.sleep(250, signal);
  }
}
