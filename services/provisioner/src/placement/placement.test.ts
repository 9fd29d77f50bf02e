import assert from "node:assert/strict";
import { test } from "node:test";
import { tenantSpecSchema, type TenantSpec } from "@carrel/api";
import fc from "fast-check";
import { Placement, type PlacementLimits, type Seat, type WorkspaceFact } from "./placement.ts";

const limits: PlacementLimits = { maxSessions: 100, maxStarting: 10 };
const wide = tenantSpecSchema.parse({ maxSessions: 10_000, maxSessionsPerUser: 1000, maxQueued: 10_000 });

function placementOf(given: Partial<PlacementLimits> = {}, tenants: Readonly<Record<string, TenantSpec>> = {}) {
  return new Placement({ ...limits, ...given }, (name) => tenants[name] ?? wide);
}

function seat(name: string, given: Partial<Seat> = {}): Seat {
  return { name, uid: `uid-${name}`, tenant: "acme", user: name, lane: "t/1", ...given };
}

function spare(name: string, given: Partial<WorkspaceFact> = {}): WorkspaceFact {
  return { name, lane: "t/1", template: "t", state: "ready", ...given };
}

/** The workspace that a session was given, as its informer would tell. */
function held(session: string, state: WorkspaceFact["state"], given: Partial<WorkspaceFact> = {}): WorkspaceFact {
  return {
    name: `w-${session}`,
    lane: "t/1",
    template: "t",
    state,
    holder: { name: session, uid: `uid-${session}` },
    ...given,
  };
}

test("a spare of its template and generation goes to the first who comes; others start cold", () => {
  const placement = placementOf();
  placement.observeWorkspace(spare("old", { lane: "t/0" }));
  placement.observeWorkspace(spare("w1"));
  for (const name of ["a", "b"]) placement.observeSession(seat(name), false);
  assert.deepEqual(placement.pump(0).decided, ["a", "b"]);
  assert.deepEqual(placement.verdict("a"), { kind: "start", spare: "w1" });
  assert.deepEqual(placement.verdict("b"), { kind: "start" });
});

test("at the cluster's cap one waits, until a session ends", () => {
  const placement = placementOf({ maxSessions: 1 });
  for (const name of ["a", "b"]) placement.observeSession(seat(name), false);
  assert.deepEqual(placement.pump(0).decided, ["a"]);
  assert.deepEqual(placement.verdict("b"), { kind: "wait" });
  placement.leave("a");
  assert.deepEqual(placement.pump(0).decided, ["b"]);
});

test("at the cluster's cap a spare of another template makes room before anybody waits", () => {
  const placement = placementOf({ maxSessions: 2 });
  placement.observeWorkspace(spare("w1", { lane: "other/1", template: "other" }));
  placement.observeWorkspace(spare("w2", { lane: "other/1", template: "other" }));
  placement.observeSession(seat("a"), false);
  assert.deepEqual(placement.pump(0), { decided: ["a"], retire: ["w1"] });
  assert.deepEqual(placement.retiredOf("other"), ["w1"]);
  placement.observeWorkspace(spare("w1", { lane: "other/1", template: "other" }));
  assert.equal(placement.numbers.spares, 1, "a cache that lags does not put it back");
  placement.observeWorkspace(spare("w1", { lane: "other/1", template: "other", state: "dying" }));
  assert.deepEqual(placement.retiredOf("other"), []);
});

test("caps of tenant and user are exact, and count those who wait", () => {
  const acme = tenantSpecSchema.parse({ maxSessions: 3, maxSessionsPerUser: 1, exemptUsers: ["robot"] });
  const placement = placementOf({ maxSessions: 1 }, { acme });
  const observe = (name: string, user: string): unknown => {
    placement.observeSession(seat(name, { user }), false);
    placement.pump(0);
    return placement.verdict(name)?.kind;
  };
  assert.equal(observe("a", "ada"), "start");
  assert.equal(observe("b", "ada"), "refuse");
  assert.equal(observe("c", "robot"), "wait");
  assert.equal(observe("d", "robot"), "wait");
  assert.equal(observe("e", "robot"), "refuse");
  placement.leave("b");
  placement.leave("d");
  assert.equal(observe("f", "bob"), "wait");
});

test("more than may wait are refused, the last first; what was told to others stands", () => {
  const acme = tenantSpecSchema.parse({ maxSessions: 100, maxSessionsPerUser: 100, maxQueued: 2 });
  const placement = placementOf({ maxSessions: 1 }, { acme });
  for (const name of ["a", "b", "c", "d"]) placement.observeSession(seat(name), false);
  assert.deepEqual(placement.pump(0).decided, ["a", "d"]);
  assert.deepEqual(
    ["b", "c", "d"].map((name) => placement.verdict(name)?.kind),
    ["wait", "wait", "refuse"],
  );
});

test("a new leader counts what holds a workspace, goes on with what was chosen, and lets the rest take turns", () => {
  const acme = tenantSpecSchema.parse({ maxSessions: 2 });
  const placement = placementOf({}, { acme });
  placement.observeWorkspace(spare("w1"));
  placement.observeWorkspace(spare("w2"));
  placement.observeWorkspace(held("a", "ready"));
  placement.observeSession(seat("a"), true);
  placement.observeSession(seat("b"), false, "w2");
  assert.deepEqual(placement.verdict("b"), { kind: "start", spare: "w2" });
  placement.observeSession(seat("c"), false);
  assert.equal(placement.verdict("c")?.kind, "refuse");
  for (const name of ["d", "e"]) placement.observeSession(seat(name, { tenant: "rival" }), false);
  placement.pump(0);
  assert.deepEqual(placement.verdict("d"), { kind: "start", spare: "w1" });
  assert.deepEqual(placement.verdict("e"), { kind: "start" });
});

test("a session that turns out to hold a workspace is let in, whatever was decided", () => {
  const placement = placementOf({}, { acme: tenantSpecSchema.parse({ maxSessions: 0 }) });
  placement.observeSession(seat("a"), false);
  assert.equal(placement.verdict("a")?.kind, "refuse");
  placement.observeWorkspace(held("a", "ready"));
  assert.deepEqual(placement.verdict("a"), { kind: "start" });
});

test("a lost spare is replaced by the next, then by a desk of its own, then by the head of the line", () => {
  const placement = placementOf({ maxStarting: 1 });
  for (const name of ["w1", "w2"]) placement.observeWorkspace(spare(name));
  placement.observeSession(seat("a"), false);
  placement.pump(0);
  assert.deepEqual(placement.spareLost("a", 0), { kind: "start", spare: "w2" });
  assert.deepEqual(placement.spareLost("a", 0), { kind: "start" });
  placement.observeWorkspace(spare("w3"));
  placement.observeSession(seat("b"), false);
  placement.observeSession(seat("c"), false);
  placement.pump(0);
  assert.deepEqual(placement.spareLost("b", 0), { kind: "wait" });
  assert.deepEqual(
    placement.order().map(({ name }) => name),
    ["b", "c"],
  );
});

test("full nodes hold up their template alone, and a spare that fits nowhere holds up nobody", () => {
  const placement = placementOf();
  placement.observeSession(seat("a"), false);
  placement.pump(0);
  placement.observeWorkspace(held("a", "stuck"));
  placement.observeSession(seat("b"), false);
  placement.observeSession(seat("c", { lane: "u/1" }), false);
  placement.observeSession(seat("d", { lane: "u/1" }), false);
  assert.deepEqual(placement.pump(0).decided, ["c"]);
  assert.deepEqual(placement.verdict("b"), { kind: "wait" });

  placement.observeWorkspace(spare("w1", { lane: "v/1", template: "v", state: "stuck" }));
  placement.observeWorkspace(held("c", "ready", { lane: "u/1" }));
  placement.observeSession(seat("e", { lane: "v/1" }), false);
  assert.deepEqual(placement.pump(0), { decided: ["d"], retire: ["w1"] });
  placement.observeWorkspace(held("d", "ready", { lane: "u/1" }));
  assert.deepEqual(placement.pump(0).decided, ["e"]);
});

test("after the API server refused a workspace nothing starts cold for a while", () => {
  const placement = placementOf();
  placement.observeSession(seat("a"), false);
  placement.pump(0);
  placement.startRefused("a", 1_000);
  assert.deepEqual(placement.pump(2_000).decided, []);
  assert.deepEqual(placement.pump(12_000).decided, ["a"]);
});

test("a session whose tenant is not known yet waits for it", () => {
  const tenants: Record<string, TenantSpec> = {};
  const placement = new Placement(limits, (name) => tenants[name]);
  placement.observeSession(seat("a"), false);
  assert.deepEqual(placement.pump(0).decided, []);
  tenants["acme"] = wide;
  assert.deepEqual(placement.tenantsChanged(), ["a"]);
  assert.deepEqual(placement.pump(0).decided, ["a"]);
});

test("spares leave room: half of the starts at most, and none beyond the cap", () => {
  const placement = placementOf({ maxSessions: 4, maxStarting: 4 });
  let made = 0;
  for (; placement.maySpareStart("t/1", 0); made++) placement.spareStarts(spare(`w${made}`));
  assert.equal(made, 2);
  for (const name of ["w0", "w1"]) placement.observeWorkspace(spare(name));
  for (; placement.maySpareStart("t/1", 0); made++) placement.spareStarts(spare(`w${made}`));
  assert.equal(made, 4);
});

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("session" as const), tenant: fc.nat(2), lane: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("spare" as const), lane: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("become" as const), pick: fc.nat(), stuck: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("end" as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lose" as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("carryOut" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("spareDies" as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("again" as const), pick: fc.nat() }) },
);

test("property: no cap is passed, no spare promised twice, nobody lost, nobody left waiting beside a place", () => {
  const caps = [2, 5, 50];
  const bounds = { maxSessions: 8, maxStarting: 4 };
  fc.assert(
    fc.property(fc.array(action, { maxLength: 150 }), (actions) => {
      const placement = new Placement(bounds, (name) =>
        tenantSpecSchema.parse({ maxSessions: caps[Number(name)], maxSessionsPerUser: 1000, maxQueued: 1000 }),
      );
      const living = new Map<string, Seat>();
      const holders = new Map<string, { workspace: string; state: WorkspaceFact["state"] }>();
      const spares = new Map<string, WorkspaceFact>();
      const pick = <T>(from: readonly T[], at: number): T | undefined => from[at % Math.max(1, from.length)];
      let count = 0;
      const sessionFact = (name: string): void => {
        const place = holders.get(name);
        const lane = living.get(name)?.lane ?? "";
        if (place !== undefined) placement.observeWorkspace(held(name, place.state, { name: place.workspace, lane }));
      };
      for (const step of actions) {
        const waiting = [...living.keys()].filter((name) => placement.verdict(name)?.kind === "start");
        if (step.do === "session") {
          const name = `s${count++}`;
          const made = seat(name, { tenant: String(step.tenant), lane: `${step.lane}/1` });
          living.set(name, made);
          placement.observeSession(made, false);
        } else if (step.do === "spare") {
          const made = spare(`w${count++}`, { lane: `${step.lane}/1`, template: String(step.lane), state: "starting" });
          if (!placement.maySpareStart(made.lane, 0)) continue;
          placement.spareStarts(made);
          spares.set(made.name, made);
        } else if (step.do === "become") {
          const name = pick([...spares.keys(), ...holders.keys()], step.pick);
          const fact = name === undefined ? undefined : spares.get(name);
          const place = name === undefined ? undefined : holders.get(name);
          const state = step.stuck ? ("stuck" as const) : ("ready" as const);
          if (fact !== undefined && fact.state !== "ready") {
            spares.set(fact.name, { ...fact, state });
            placement.observeWorkspace({ ...fact, state });
          }
          if (name !== undefined && place !== undefined && place.state !== "ready") {
            holders.set(name, { ...place, state });
            sessionFact(name);
          }
        } else if (step.do === "end") {
          const name = pick([...living.keys()], step.pick);
          if (name === undefined) continue;
          placement.leave(name);
          living.delete(name);
          holders.delete(name);
        } else if (step.do === "again") {
          // A cache tells of the same more than once.
          const fact = pick([...spares.values()], step.pick);
          if (fact !== undefined) placement.observeWorkspace(fact);
        } else if (step.do === "spareDies") {
          const name = pick([...spares.keys()], step.pick);
          if (name === undefined) continue;
          spares.delete(name);
          placement.workspaceGone({ name });
        } else {
          const name = pick(waiting, step.pick);
          const verdict = name === undefined ? undefined : placement.verdict(name);
          if (name === undefined || verdict?.kind !== "start" || holders.has(name)) continue;
          if (step.do === "lose") {
            if (verdict.spare !== undefined) {
              spares.delete(verdict.spare);
              placement.workspaceGone({ name: verdict.spare });
              placement.spareLost(name, 0);
            }
          } else if (verdict.spare === undefined) {
            holders.set(name, { workspace: `w-${name}`, state: "starting" });
          } else if (spares.delete(verdict.spare)) {
            holders.set(name, { workspace: verdict.spare, state: "ready" });
          } else placement.spareLost(name, 0);
          sessionFact(name);
        }
        for (const name of placement.pump(0).retire) {
          const fact = spares.get(name);
          assert.ok(fact, "a spare of which somebody was told");
          spares.delete(name);
          placement.observeWorkspace({ ...fact, state: "dying" });
        }
        const verdicts = [...living.keys()].map((name) => ({ name, verdict: placement.verdict(name) }));
        assert.ok(
          verdicts.every(({ verdict }) => verdict !== undefined),
          "nobody is lost",
        );
        const started = verdicts.filter(({ verdict }) => verdict?.kind === "start");
        const promised = started.flatMap(({ verdict }) => (verdict?.kind === "start" ? (verdict.spare ?? []) : []));
        assert.equal(new Set(promised).size, promised.length, "promised twice");
        assert.ok(
          started.length + [...spares.keys()].filter((name) => !promised.includes(name)).length <= bounds.maxSessions,
        );
        for (const [tenant, cap] of caps.entries()) {
          const counted = verdicts.filter(
            ({ name, verdict }) => living.get(name)?.tenant === String(tenant) && verdict?.kind !== "refuse",
          );
          assert.ok(counted.length <= cap, `tenant ${tenant} has ${counted.length}`);
        }
        const { waiting: left, places, starting, stuck } = placement.numbers;
        assert.equal(left, verdicts.filter(({ verdict }) => verdict?.kind === "wait").length);
        if (left > 0) assert.ok(places >= bounds.maxSessions || stuck > 0 || starting > 0, "waits beside a free place");
      }
    }),
    { numRuns: 300 },
  );
});

/** Rounds of one freed place each; returns how many rounds each session of `watched` waited, in order. */
function waits(tenants: readonly string[], noisy: number, watched: string): number[] {
  const placement = placementOf({ maxSessions: 1 });
  placement.observeSession(seat("first", { tenant: "first" }), false);
  placement.pump(0);
  for (let i = 0; i < noisy; i++) placement.observeSession(seat(`noisy${i}`, { tenant: "noisy" }), false);
  for (const tenant of tenants)
    for (let i = 0; i < 40; i++) placement.observeSession(seat(`${tenant}${i}`, { tenant }), false);
  const waited: number[] = [];
  let running = "first";
  for (let round = 1; placement.numbers.waiting > 0; round++) {
    placement.leave(running);
    running = placement.pump(0).decided[0] ?? "";
    if (running.startsWith(watched)) waited.push(round);
  }
  return waited;
}

test("a thousand requests of one tenant lengthen the p95 wait of the others by a fifth at most", () => {
  const tenants = ["a", "b", "c", "d", "e", "f"];
  const p95 = (sorted: readonly number[]): number => sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
  for (const watched of tenants) {
    const alone = waits(tenants, 0, watched);
    const beside = waits(tenants, 1000, watched);
    assert.equal(beside.length, 40);
    assert.ok(p95(beside) <= 1.2 * p95(alone), `${watched}: ${p95(beside)} beside, ${p95(alone)} alone`);
  }
});
