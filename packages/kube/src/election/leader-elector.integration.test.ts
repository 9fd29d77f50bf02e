import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { systemClock } from "@carrel/std";
import { createServiceAccountToken, sharedControlPlane, startFaultProxy } from "@carrel/testkit";
import type { KubeClient } from "../client/kube-client.ts";
import { LEASES } from "../client/resources/index.ts";
import { connect, makeNamespace } from "../runtime/testing/test-access.ts";
import { FakeClock } from "../workqueue/testing/fake-clock.ts";
import { ELECTION_TIMES } from "./election-times.ts";
import { LeaderElector } from "./leader-elector.ts";

/** A candidate whose time is moved by the test; its requests are real. */
class Candidate {
  readonly elector: LeaderElector;
  readonly clock: FakeClock;
  readonly stop = new AbortController();
  /** Lets `lead` resolve: the work is over. */
  readonly finish = Promise.withResolvers<void>();
  readonly running: Promise<unknown>;
  lost = false;
  led = 0;

  constructor(client: KubeClient, namespace: string, identity: string, rate: number) {
    this.clock = new FakeClock(rate);
    this.elector = new LeaderElector({ client, namespace, name: "test", identity, clock: this.clock });
    const lead = (lost: AbortSignal): Promise<void> => {
      this.led++;
      lost.addEventListener("abort", () => (this.lost = true));
      return this.finish.promise;
    };
    this.running = this.elector.run(this.stop.signal, lead).catch((error: unknown) => error);
  }

  end(): Promise<unknown> {
    this.stop.abort();
    this.finish.resolve();
    return this.running;
  }
}

const STEP_MS = 250;

/** Moves all clocks together until `until` holds, never with two leaders; returns the true time it took. */
async function pass(candidates: readonly Candidate[], limitMs: number, until: () => boolean): Promise<number> {
  for (let passedMs = 0; passedMs <= limitMs; passedMs += STEP_MS) {
    const leaders = candidates.filter(({ elector }) => elector.isLeader());
    assert.ok(leaders.length <= 1, `two leaders after ${passedMs} ms`);
    if (until()) return passedMs;
    await Promise.all(candidates.map(({ clock }) => clock.advance(STEP_MS)));
    // The requests that were sent meanwhile are real, and take real time.
    await systemClock.sleep(25);
  }
  return assert.fail(`not so after ${limitMs} ms`);
}

async function setUp(t: TestContext): Promise<{ client: KubeClient; namespace: string }> {
  const client = connect(t, (await sharedControlPlane()).kubeconfig);
  return { client, namespace: await makeNamespace(client) };
}

test("one of two leads, for as long as it lives, whichever clock is the faster; a release hands over within 2 s", async (t) => {
  for (const rate of [1.35, 0.75]) {
    const { client, namespace } = await setUp(t);
    const first = new Candidate(client, namespace, "first", 1);
    await pass([first], 5000, () => first.elector.isLeader());
    const second = new Candidate(client, namespace, "second", rate);
    t.after(() => Promise.all([first.end(), second.end()]));
    await assert.rejects(
      pass([first, second], 60_000, () => second.elector.isLeader()),
      /not so/,
    );
    assert.equal(second.elector.leader, "first");
    const { spec } = await client.get(LEASES, "test", { namespace });
    assert.equal(spec?.holderIdentity, "first");
    assert.equal(spec?.leaseTransitions, 0);

    assert.equal(await first.end(), undefined);
    assert.equal(first.lost, false);
    const handoverMs = await pass([first, second], 2000, () => second.elector.isLeader());
    t.diagnostic(`clock rates 1 and ${rate}: handed over within ${handoverMs} ms`);
    assert.equal((await client.get(LEASES, "test", { namespace })).spec?.leaseTransitions, 1);
  }
});

test("a leader that is cut off steps down before another may lead, and the other leads when the lease is over", async (t) => {
  const { client, namespace } = await setUp(t);
  const controlPlane = await sharedControlPlane();
  const { token } = await createServiceAccountToken(controlPlane);
  await using proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token, test: t });
  const cut = new Candidate(connect(t, proxy.kubeconfig), namespace, "cut", 1);
  await pass([cut], 5000, () => cut.elector.isLeader());
  const other = new Candidate(client, namespace, "other", 1.35);
  t.after(() => Promise.all([cut.end(), other.end()]));
  await pass([cut, other], 10_000, () => other.elector.leader === "cut");

  // Swallowed, not refused: each renewal hangs.
  proxy.freeze();
  const candidates = [cut, other];
  const steppedDownMs = await pass(candidates, ELECTION_TIMES.renewDeadlineMs + 500, () => cut.lost);
  assert.equal(((await cut.running) as { code?: string }).code, "LEADERSHIP_LOST");
  const tookOverMs = steppedDownMs + (await pass(candidates, 10_000, () => other.elector.isLeader()));
  t.diagnostic(`stepped down after ${steppedDownMs} ms, taken over after ${tookOverMs} ms of true time`);
  assert.ok(tookOverMs > steppedDownMs);
  proxy.thaw();
});

test("a lease that somebody else took ends leadership at once", async (t) => {
  const { client, namespace } = await setUp(t);
  const candidate = new Candidate(client, namespace, "candidate", 1);
  await pass([candidate], 5000, () => candidate.elector.isLeader());
  await client.mergePatch(LEASES, "test", { spec: { holderIdentity: "usurper" } }, { namespace });
  await pass([candidate], ELECTION_TIMES.retryMs + 1000, () => candidate.lost);
  assert.equal(candidate.elector.isLeader(), false);
  assert.equal(((await candidate.running) as { code?: string }).code, "LEADERSHIP_LOST");
});

test("a deleted lease is made again by its leader; labels on it survive renewals", async (t) => {
  const { client, namespace } = await setUp(t);
  const candidate = new Candidate(client, namespace, "candidate", 1);
  t.after(() => candidate.end());
  await pass([candidate], 5000, () => candidate.elector.isLeader());
  await client.mergePatch(LEASES, "test", { metadata: { labels: { team: "x" } } }, { namespace });
  const before = await client.get(LEASES, "test", { namespace });
  await assert.rejects(
    pass([candidate], 20_000, () => candidate.lost),
    /not so/,
  );
  const after = await client.get(LEASES, "test", { namespace });
  assert.equal(after.metadata.labels?.["team"], "x");
  assert.notEqual(after.spec?.renewTime, before.spec?.renewTime);

  await client.delete(LEASES, "test", { namespace });
  await assert.rejects(
    pass([candidate], 12_000, () => candidate.lost),
    /not so/,
  );
  assert.equal((await client.get(LEASES, "test", { namespace })).spec?.holderIdentity, "candidate");
});

test("work that did not stop keeps the lease: it is not released, it runs out", async (t) => {
  const { client, namespace } = await setUp(t);
  const candidate = new Candidate(client, namespace, "candidate", 1);
  await pass([candidate], 5000, () => candidate.elector.isLeader());
  candidate.finish.reject(new Error("still busy"));
  assert.match(String(await candidate.running), /still busy/);
  assert.equal((await client.get(LEASES, "test", { namespace })).spec?.holderIdentity, "candidate");
});

test("times that leave no room between renewal, deadline and lease are refused", async (t) => {
  const { client, namespace } = await setUp(t);
  assert.throws(
    () => new LeaderElector({ client, namespace, name: "x", times: { renewDeadlineMs: 15_000 } }),
    /lease > renew deadline/,
  );
});
