import { SESSIONS } from "@carrel/kube";
import { CarrelError, systemClock } from "@carrel/std";
import { aSessionTemplate, faults, startFaultProxy } from "@carrel/testkit";
import { attributeCall, callsOfSession, serviceOf, type SessionNames } from "../audit/attribute-call.ts";
import { countCalls, type CallCount } from "../audit/count-calls.ts";
import { isWrite, stagesOf } from "../audit/stages-of.ts";
import { openServices, type BenchServices } from "../services/open-services.ts";
import { median } from "../statistics/percentile.ts";

/** What the benchmark `calls` prints as JSON. */
export interface CallsFigures {
  /** Calls of Carrel's services in the life of one session that is ended by its tenant. */
  readonly callsPerLife: number;
  /** The same by service and kind. */
  readonly calls: CallCount["byService"];
  /** Dependent writes until ready, each 20 ms away. */
  readonly stages: number;
  /** For 200 sessions that do nothing. */
  readonly idleCallsPerMinute: number;
  /** Heap of the leading provisioner for 1,000 idle sessions. */
  readonly mibPerThousand: number;
}

export interface RunCallsOptions {
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Round trip that is put between the provisioner and the API server. */
const ROUND_TRIP_MS = 20;
const LIVES = 9;
const IDLE_SESSIONS = 200;
const HEAP_SESSIONS = 1000;
const SETTLE_MS = 3000;
const MINUTE_MS = 60_000;

/** Counts a session's API calls on a control plane without nodes, by the API server's audit log. */
export async function runCallsBenchmark({ tell, signal }: RunCallsOptions): Promise<CallsFigures> {
  await using proxies = new AsyncDisposableStack();
  await using bench = await openServices({
    provisioners: 1,
    maxSessions: 100_000,
    async through(token, { server, caPem }) {
      const proxy = proxies.use(await startFaultProxy({ target: server, caPem, token }));
      proxy.inject({}, faults.delay(ROUND_TRIP_MS));
      return proxy.kubeconfigPath;
    },
    signal,
  });
  const template = await bench.services.template(aSessionTemplate());
  tell(`${LIVES} lives, ${ROUND_TRIP_MS} ms from the API server`);
  const lives: Life[] = [];
  for (let life = 0; life < LIVES; life++) lives.push(await live(bench, template, life, signal));
  const [typical] = lives.toSorted((a, b) => a.calls.total - b.calls.total).slice(Math.floor(LIVES / 2));

  tell(`${IDLE_SESSIONS} idle sessions, for a minute`);
  await createMany(bench, template, { from: 0, count: IDLE_SESSIONS }, signal);
  await systemClock.sleep(SETTLE_MS, signal);
  const heapBefore = await heapOf(bench, signal);
  await bench.audit.take();
  await systemClock.sleep(MINUTE_MS, signal);
  const none: SessionNames = { session: "none", workspace: "none" };
  const idle = (await bench.audit.take()).filter(
    (call) => serviceOf(call) !== undefined && attributeCall(call, none) !== "process",
  );
  for (const call of idle) tell(`  ${serviceOf(call)}: ${call.verb} ${call.resource} ${call.name} ${call.code}`);

  tell(`${HEAP_SESSIONS} more, for the memory`);
  await createMany(bench, template, { from: IDLE_SESSIONS, count: HEAP_SESSIONS }, signal);
  const heapAfter = await heapOf(bench, signal);
  return {
    callsPerLife: typical?.calls.total ?? 0,
    calls: typical?.calls.byService ?? {},
    stages: median(lives.map(({ stages }) => stages)),
    idleCallsPerMinute: idle.length,
    mibPerThousand: (((heapAfter - heapBefore) / HEAP_SESSIONS) * 1000) / 2 ** 20,
  };
}

interface Life {
  readonly calls: CallCount;
  readonly stages: number;
}

async function live(
  { services, backend, audit }: BenchServices,
  template: string,
  index: number,
  signal: AbortSignal,
): Promise<Life> {
  await audit.take();
  const { session } = await backend.createSession({ template, user: { id: `life-${index}` } }, { signal });
  const readyMs = Date.now();
  if (session.state !== "ready") throw new CarrelError("BENCH_FAILED", `session ${session.name} is ${session.state}`);
  const { spec } = await services.client.get(SESSIONS, session.name, { signal });
  await systemClock.sleep(SETTLE_MS, signal);
  await backend.endSession(session.name, { signal });
  const late = systemClock.monotonic() + MINUTE_MS;
  while ((await services.client.get(SESSIONS, session.name, { signal })).status?.phase !== "Ended") {
    if (systemClock.monotonic() > late) throw new CarrelError("BENCH_FAILED", `session ${session.name} does not end`);
    await systemClock.sleep(250, signal);
  }
  await systemClock.sleep(SETTLE_MS, signal);
  const calls = callsOfSession(await audit.take(), { session: session.name, workspace: spec.workspace });
  const starting = calls.filter(
    (call) => serviceOf(call) === "provisioner" && isWrite(call) && call.receivedMs <= readyMs,
  );
  return { calls: countCalls(calls), stages: stagesOf(starting).length };
}

async function createMany(
  { backend }: BenchServices,
  template: string,
  { from, count }: { readonly from: number; readonly count: number },
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = systemClock.now() + 300_000;
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      backend.createSession({ template, user: { id: `idle-${from + index}` } }, { deadlineMs, signal }),
    ),
  );
}

/** The smallest of several looks: just after a collection of garbage, or nearest to it. */
async function heapOf({ services }: BenchServices, signal: AbortSignal): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 40; look++) {
    least = Math.min(least, await services.provisioner.metric("nodejs_heap_used_bytes"));
    await systemClock.sleep(500, signal);
  }
  return least;
}
