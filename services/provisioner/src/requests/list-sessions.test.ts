import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, type Session } from "@carrel/api";
import { aSession } from "@carrel/testkit";
import { listSessions, type ListQuery } from "./list-sessions.ts";

const MINE: ListQuery = { tenant: "acme", includeEnded: true, limit: 100 };

function made(minute: number, given: Parameters<typeof aSession>[0] = {}): Session {
  const creationTimestamp = `2026-01-01T00:${String(minute).padStart(2, "0")}:00Z`;
  return aSession({ ...given, metadata: { creationTimestamp, ...given.metadata } });
}

const names = (sessions: readonly Session[]): readonly string[] => sessions.map(({ metadata }) => metadata.name);

test("a tenant sees its own sessions only, oldest first", () => {
  const [first, second] = [made(1), made(2)];
  const other = made(0, { spec: { tenant: "rival" } });
  const page = listSessions([second, other, first], MINE);
  assert.deepEqual(page, { sessions: [first, second] });
  assert.deepEqual(listSessions([], MINE), { sessions: [] });
});

test("a user's only, and without the ended ones when so asked", () => {
  const bob = made(1, { spec: { user: { id: "bob" } } });
  const ended = made(2, { status: { phase: "Ended" } });
  const ending = made(3, { status: { phase: "Ending" } });
  const all = [bob, ended, ending];
  assert.deepEqual(listSessions(all, { ...MINE, user: "bob" }).sessions, [bob]);
  assert.deepEqual(listSessions(all, { ...MINE, includeEnded: false }).sessions, [bob, ending]);
  assert.deepEqual(listSessions(all, { ...MINE, user: "ada", includeEnded: false }).sessions, [ending]);
});

test("pages have every session once, those of one second too, whatever comes or goes between them", () => {
  const all = [0, 0, 0, 1, 1, 2, 3].map((minute) => made(minute));
  const seen: string[] = [];
  let from: string | undefined;
  let kept = all;
  do {
    const page = listSessions(kept, { ...MINE, limit: 2, continue: from });
    assert.ok(page.sessions.length <= 2);
    seen.push(...names(page.sessions));
    // What was shown may be gone by the next page: the place in the list is not counted from its start.
    kept = kept.filter(({ metadata }) => !seen.includes(metadata.name));
    from = page.continue;
  } while (from !== undefined);
  assert.equal(seen.length, all.length);
  assert.deepEqual(new Set(seen), new Set(names(all)));
  const exact = listSessions(all, { ...MINE, limit: all.length });
  assert.equal(exact.continue, undefined, "no page follows a full last one");
});

test("a made-up continue is refused", () => {
  for (const text of ["", "x", Buffer.from("2026 s").toString("base64url"), "£"]) {
    assert.throws(
      () => listSessions([made(1)], { ...MINE, continue: text }),
      (error: unknown) => error instanceof ApiError && error.code === "INVALID",
      text,
    );
  }
});
