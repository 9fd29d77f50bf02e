import type { CarrelClient } from "@carrel/client";
import { DESK_POD } from "@carrel/api";
import { SESSIONS, type KubeClient } from "@carrel/kube";
import { CarrelError, systemClock } from "@carrel/std";
import type { SessionNames } from "../audit/attribute-call.ts";
import type { ClusterWatches } from "../watch/cluster-watches.ts";
import { untilSeen } from "../watch/until-seen.ts";
import { timed, type Timed } from "./timed.ts";

/** Template that is measured: the one with a role, so with a binding and a token in the pod. */
export const TEMPLATE = "terminal";

/** A session that was timed and is still there. */
export interface ColdSession extends Timed {
  readonly names: SessionNames;
}

/**
 * Times a cold session: from the request, as a backend sends it, to the reply that says `ready`.
 *
 * @throws CarrelError `BENCH_FAILED` when the reply says anything else.
 */
export async function measureCold(
  { client, backend }: { readonly client: KubeClient; readonly backend: CarrelClient },
  user: string,
  signal: AbortSignal,
): Promise<ColdSession> {
  const { result, ...times } = await timed(() =>
    backend.createSession(
      { template: TEMPLATE, user: { id: user } },
      { deadlineMs: systemClock.now() + 120_000, signal },
    ),
  );
  const { session } = result;
  if (session.state !== "ready" || result.loginUrl === undefined)
    throw new CarrelError(
      "BENCH_FAILED",
      `session ${session.name} is ${session.state}: ${session.reason ?? ""} ${session.message ?? ""}`,
    );
  const { spec } = await client.get(SESSIONS, session.name, { signal });
  return { ...times, names: { session: session.name, workspace: spec.workspace } };
}

/**
 * Ends a session as its backend does, and waits until the reaper calls it Ended.
 *
 * @returns when its pod was gone, by the wall clock.
 */
export async function endSession(
  backend: CarrelClient,
  watches: ClusterWatches,
  { session, workspace }: SessionNames,
  signal: AbortSignal,
): Promise<number> {
  await backend.endSession(session, { signal });
  await untilSeen(watches.pods, `${workspace}/${DESK_POD}`, (seen) => seen === undefined, {
    what: `the pod of session ${session} is gone`,
    timeoutMs: 60_000,
    signal,
  });
  const goneMs = Date.now();
  await untilSeen(watches.sessions, session, (seen) => seen?.status?.phase === "Ended", {
    what: `session ${session} is Ended`,
    timeoutMs: 120_000,
    signal,
  });
  return goneMs;
}
