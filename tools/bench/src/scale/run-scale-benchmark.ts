import { API_VERSION, LABELS, MANAGED_BY, type Session, type Workspace } from "@carrel/api";
import { patchStatus, SESSIONS, WORKSPACES, type KubeClient } from "@carrel/kube";
import { aSession, aSessionTemplate, aWorkspace } from "@carrel/testkit";
import { systemClock } from "@carrel/std";
import { isWrite } from "../audit/stages-of.ts";
import { serviceOf } from "../audit/attribute-call.ts";
import { openServices } from "../services/open-services.ts";

/** What the benchmark `scale` prints as JSON. */
export interface ScaleFigures {
  /** Sessions in etcd, and as many Workspaces. */
  readonly sessions: number;
  /** kill -9 of a provisioner until its probes say ready again. */
  readonly restartMs: number;
  /** LIST calls of the restarted provisioner, pages counted apart. */
  readonly lists: number;
  /** Resident memory once ready, and its part for 1,000 sessions. */
  readonly rssMib: number;
  readonly mibPerThousand: number;
  /** 99th percentile of the event loop's lag in the minute after the restart. */
  readonly loopLagP99Ms: number;
  /** Writes in that minute: there is nothing to do. */
  readonly writes: number;
}

export interface RunScaleOptions {
  readonly sessions: number;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

const AT_ONCE = 64;
const WATCHED_MS = 60_000;

/** A provisioner that is killed and comes back to a cluster full of sessions that are over but still answered for. */
export async function runScaleBenchmark({ sessions, tell, signal }: RunScaleOptions): Promise<ScaleFigures> {
  await using bench = await openServices({ provisioners: 1, maxSessions: 100_000, signal });
  const { services, audit } = bench;
  const emptyMib = (await services.provisioner.metric("process_resident_memory_bytes")) / 2 ** 20;
  const template = await services.template(aSessionTemplate());
  await services.provisioner.kill();
  await services.reaper.kill();
  tell(`${sessions} sessions and workspaces`);
  await fill(services.client, { template, sessions }, signal);

  tell("restart");
  await audit.take();
  const startMs = performance.now();
  await services.provisioner.start();
  const restartMs = performance.now() - startMs;
  await services.provisioner.metric("nodejs_eventloop_lag_p99_seconds");
  tell(`  ready after ${(restartMs / 1000).toFixed(1)} s; a minute more`);
  await systemClock.sleep(WATCHED_MS, signal);
  const calls = (await audit.take()).filter((call) => serviceOf(call) === "provisioner");
  const rssMib = (await services.provisioner.metric("process_resident_memory_bytes")) / 2 ** 20;
  return {
    sessions,
    restartMs,
    lists: calls.filter(({ verb }) => verb === "list").length,
    rssMib,
    mibPerThousand: (rssMib - emptyMib) / (sessions / 1000),
    loopLagP99Ms: (await services.provisioner.metric("nodejs_eventloop_lag_p99_seconds")) * 1000,
    writes: calls.filter((call) => isWrite(call) && call.resource !== "leases").length,
  };
}

/** Sessions that are ready, with their Workspaces, and no namespaces or pods: what caches hold of them is the same. */
async function fill(
  client: KubeClient,
  { template, sessions }: { readonly template: string; readonly sessions: number },
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next++ < sessions) await createEnded(client, template, signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function createEnded(client: KubeClient, template: string, signal: AbortSignal): Promise<void> {
  const planned = aSession({ spec: { tenant: "acme" } });
  const { startDeadlineAt, ...times } = planned.spec;
  const session = await client.create<Session>(
    SESSIONS,
    {
      ...planned,
      metadata: { name: planned.metadata.name, labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.tenant]: "acme" } },
      spec: { ...times, startDeadlineAt, template: { ...planned.spec.template, name: template } },
    },
    { signal },
  );
  const end = { reason: "EndedByTenant", at: new Date().toISOString(), by: "acme" } as const;
  const holder = { name: session.metadata.name, uid: session.metadata.uid ?? "" };
  const workspace: Workspace = {
    ...aWorkspace({ spec: { session: holder, tenant: "acme" } }),
    apiVersion: API_VERSION,
  };
  await client.create<Workspace>(
    WORKSPACES,
    {
      ...workspace,
      metadata: { name: session.spec.workspace, labels: { [LABELS.session]: holder.name } },
      spec: { ...workspace.spec, terminate: { reason: end.reason, at: end.at } },
    },
    { signal },
  );
  const { tenant: _, ...status } = { tenant: "acme", phase: "Ended", endedAt: end.at, endReason: end.reason } as const;
  await patchStatus(client, SESSIONS, session, status, { signal });
}
