import assert from "node:assert/strict";
import { test } from "node:test";
import { poolSchema } from "@carrel/api";
import { wantedSpares } from "./wanted-spares.ts";

const pool = (schedule: readonly object[]) => poolSchema.parse({ size: 2, schedule });
const at = (given: ReturnType<typeof pool>, instant: string): number => wantedSpares(given, Date.parse(instant));

test("the first entry that holds now wins, else the size", () => {
  const office = pool([
    { days: ["Mon"], from: "09:00", to: "10:00", size: 9 },
    { days: ["Mon", "Tue", "Wed", "Thu", "Fri"], from: "08:00", to: "18:00", size: 5 },
  ]);
  assert.equal(at(office, "2026-01-05T07:59:59Z"), 2);
  assert.equal(at(office, "2026-01-05T08:00:00Z"), 5);
  assert.equal(at(office, "2026-01-05T09:30:00Z"), 9);
  assert.equal(at(office, "2026-01-05T18:00:00Z"), 2);
  assert.equal(at(office, "2026-01-10T12:00:00Z"), 2, "a Saturday");
});

test("an entry over midnight belongs to the day on which it begins; equal times are a whole day", () => {
  const night = pool([{ days: ["Fri"], from: "22:00", to: "02:00", size: 7 }]);
  assert.equal(at(night, "2026-01-09T23:00:00Z"), 7);
  assert.equal(at(night, "2026-01-10T01:59:00Z"), 7);
  assert.equal(at(night, "2026-01-10T02:00:00Z"), 2);
  assert.equal(at(night, "2026-01-09T01:00:00Z"), 2, "the night before");
  const day = pool([{ days: ["Fri"], from: "08:00", to: "08:00", size: 3 }]);
  assert.equal(at(day, "2026-01-10T07:59:00Z"), 3);
  assert.equal(at(day, "2026-01-10T08:00:00Z"), 2);
});

test("local time follows the seasons: 09:00 in Berlin is 08:00 UTC in winter and 07:00 in summer", () => {
  const berlin = pool([{ from: "09:00", to: "17:00", timeZone: "Europe/Berlin", size: 6 }]);
  assert.equal(at(berlin, "2026-01-15T07:30:00Z"), 2);
  assert.equal(at(berlin, "2026-01-15T08:00:00Z"), 6);
  assert.equal(at(berlin, "2026-07-15T06:59:00Z"), 2);
  assert.equal(at(berlin, "2026-07-15T07:00:00Z"), 6);
});

test("an hour that summer time skips is nobody's, one that winter time repeats counts twice", () => {
  const skipped = pool([{ from: "02:00", to: "03:00", timeZone: "Europe/Berlin", size: 8 }]);
  // 2026-03-29: 01:59 CET is followed by 03:00 CEST.
  assert.equal(at(skipped, "2026-03-29T00:59:00Z"), 2);
  assert.equal(at(skipped, "2026-03-29T01:00:00Z"), 2);
  // 2026-10-25: 02:59 CEST is followed by 02:00 CET.
  assert.equal(at(skipped, "2026-10-25T00:30:00Z"), 8);
  assert.equal(at(skipped, "2026-10-25T01:30:00Z"), 8);
  assert.equal(at(skipped, "2026-10-25T02:00:00Z"), 2);
});

test("the day is that of the place: Monday morning in Auckland is Sunday in UTC", () => {
  const auckland = pool([{ days: ["Mon"], from: "08:00", to: "12:00", timeZone: "Pacific/Auckland", size: 4 }]);
  assert.equal(at(auckland, "2026-01-04T20:00:00Z"), 4);
  assert.equal(at(auckland, "2026-01-05T20:00:00Z"), 2);
});

test("an unknown time zone holds never", () => {
  assert.equal(at(pool([{ from: "00:00", to: "23:59", timeZone: "Mars/Base", size: 9 }]), "2026-01-05T12:00:00Z"), 2);
});
