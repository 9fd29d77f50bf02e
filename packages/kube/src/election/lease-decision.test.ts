import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ELECTION_TIMES } from "./election-times.ts";
import { decideLease, type LeaseObservation, observe } from "./lease-decision.ts";
import { type LeaseSpec, microTime } from "./lease-spec.ts";

const self = { identity: "me", leaseMs: 15_000, nowText: microTime(0) };

function seen(spec: LeaseSpec, changedAtMs = 0): LeaseObservation {
  return { resourceVersion: "1", spec, changedAtMs };
}

test("another holder is left alone until its record has not changed for the duration it names, by our clock", () => {
  const spec = { holderIdentity: "other", leaseDurationSeconds: 15, renewTime: "1970-01-01T00:00:00.000000Z" };
  assert.equal(decideLease(seen(spec, 1000), self, 15_999).action, "wait");
  assert.equal(decideLease(seen(spec, 1000), self, 16_000).action, "take");
  assert.equal(decideLease(seen({ ...spec, leaseDurationSeconds: 60 }, 0), self, 59_999).action, "wait");
});

test("a released, empty or own lease need not be waited for; taking it counts a transition, renewing does not", () => {
  const now = microTime(0);
  assert.deepEqual(decideLease(seen({ holderIdentity: "", leaseTransitions: 4, leaseDurationSeconds: 1 }), self, 0), {
    action: "take",
    spec: {
      holderIdentity: "me",
      leaseDurationSeconds: 15,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 5,
    },
  });
  assert.equal(decideLease(seen({}), self, 0).action, "take");
  const mine = { holderIdentity: "me", leaseTransitions: 4, acquireTime: "then" };
  assert.deepEqual(decideLease(seen(mine), self, 0), {
    action: "renew",
    spec: { ...mine, leaseDurationSeconds: 15, renewTime: now },
  });
});

test("seeing the same version again does not make it younger", () => {
  const first = observe(undefined, "7", {}, 1000);
  assert.equal(observe(first, "7", {}, 9000), first);
  assert.equal(observe(first, "8", {}, 9000).changedAtMs, 9000);
});

test("times have six digits, as metav1.MicroTime wants them", () => {
  assert.equal(microTime(1_700_000_000_123), "2023-11-14T22:13:20.123000Z");
});

/** A candidate in the model below: its own clock runs at `rate`, its writes take `writeMs` to be stored. */
interface Candidate {
  readonly identity: string;
  readonly rate: number;
  observed: LeaseObservation | undefined;
  leadsUntilMs: number;
}

test("two clocks that run up to 40 % apart never have two leaders, however attempts, pauses and failures fall", () => {
  // The rules of the election played on one register with compare-and-swap; clock rates 1 and 0.72…1.4.
  const { leaseMs, renewDeadlineMs } = ELECTION_TIMES;
  const turn = fc.record({
    who: fc.nat(1),
    passMs: fc.integer({ min: 0, max: 6000 }),
    requestMs: fc.integer({ min: 0, max: 5000 }),
    fate: fc.constantFrom("stored", "stored", "stored", "lost", "stored without answer"),
  });
  fc.assert(
    fc.property(
      fc.double({ min: 0.72, max: 1.4, noNaN: true }),
      fc.array(turn, { size: "max", maxLength: 60 }),
      (rate, turns) => {
        let trueMs = 0;
        let record: { version: number; spec: LeaseSpec } = { version: 1, spec: {} };
        const candidates: readonly Candidate[] = [
          { identity: "a", rate: 1, observed: undefined, leadsUntilMs: 0 },
          { identity: "b", rate, observed: undefined, leadsUntilMs: 0 },
        ];
        const leaders = (): readonly Candidate[] => candidates.filter((c) => trueMs * c.rate < c.leadsUntilMs);
        for (const { who, passMs, requestMs, fate } of turns) {
          trueMs += passMs;
          const candidate = candidates[who] ?? assert.fail();
          const sentMs = trueMs * candidate.rate;
          candidate.observed = observe(candidate.observed, String(record.version), record.spec, sentMs);
          const decision = decideLease(
            candidate.observed,
            { identity: candidate.identity, leaseMs, nowText: "" },
            sentMs,
          );
          if (decision.action === "wait" || fate === "lost") continue;
          const decidedOn = record.version;
          trueMs += requestMs;
          if (record.version !== decidedOn) continue;
          record = { version: record.version + 1, spec: decision.spec };
          if (fate === "stored without answer") continue;
          const answeredMs = trueMs * candidate.rate;
          candidate.observed = observe(candidate.observed, String(record.version), record.spec, answeredMs);
          candidate.leadsUntilMs = sentMs + renewDeadlineMs;
          assert.ok(leaders().length <= 1, `two leaders at ${trueMs}`);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
