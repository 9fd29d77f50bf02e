import assert from "node:assert/strict";
import { test } from "node:test";
import type { Authentication, CredentialKind, Identity } from "../auth/identity.ts";
import type { Route } from "../routing/route.ts";
import { aRoute, SESSION, SESSION_UID } from "../testing/a-route.ts";
import { decide, type Decision, type DecisionInput } from "./decide.ts";
import { readHead, type RequestHead, type RequestKind } from "./request-head.ts";

const now = 1_800_000_000_000;
const host = `${SESSION}.carrel.localhost`;
const route = (change: Partial<Route> = {}): Route => aRoute(8080, { expiresAtMs: now + 60_000, ...change });

const kinds: Readonly<Record<RequestKind, readonly string[]>> = {
  navigation: ["Accept", "text/html", "Sec-Fetch-Mode", "navigate"],
  fetch: ["Accept", "*/*"],
  events: ["Accept", "text/event-stream"],
  websocket: ["Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
};

function head(kind: RequestKind, change: { method?: string; headers?: readonly string[] } = {}): RequestHead {
  const own = kind === "websocket" && change.headers === undefined ? ["Origin", `http://${host}`] : [];
  return readHead({
    method: change.method ?? "GET",
    target: "/",
    httpVersion: "1.1",
    rawHeaders: ["Host", host, ...kinds[kind], ...own, ...(change.headers ?? [])],
    upgrade: kind === "websocket",
  }) as RequestHead;
}

const ada = (via: CredentialKind, change: Partial<Identity> = {}): Identity => ({
  via,
  session: SESSION,
  sessionUid: SESSION_UID,
  subject: "ada",
  tenant: "acme",
  keyId: "k1",
  authenticatedAtMs: now - 1000,
  ...change,
});
const nobody: Authentication = { via: "none" };

function decideFor(kind: RequestKind, change: Partial<DecisionInput> & { endpoint?: string } = {}): Decision {
  const { endpoint = "main", ...rest } = change;
  return decide({
    head: head(kind),
    target: { session: SESSION, endpoint },
    authentication: nobody,
    route: route(),
    readThroughDone: false,
    nowMs: now,
    scheme: "http",
    ...rest,
  });
}

/** What a decision comes to: `pass`, `wait`, `hop`, `readThrough`, or the status of the refusal. */
function outcome(decision: Decision): string {
  if (decision.kind === "refuse") return String(decision.status);
  return decision.kind === "forward" ? "pass" : decision.kind;
}

/** One row of the matrix: what each of navigation, fetch, events, websocket on `main`, and each on `web`, comes to. */
function row(name: string, change: Partial<DecisionInput>, expected: readonly string[], onPublic: string): void {
  test(`matrix: ${name}`, () => {
    const all = Object.keys(kinds) as RequestKind[];
    assert.deepEqual(
      all.map((kind) => outcome(decideFor(kind, change))),
      expected,
    );
    for (const kind of all) {
      assert.equal(outcome(decideFor(kind, { ...change, endpoint: "web" })), onPublic, `public, ${kind}`);
    }
  });
}

const all = (text: string): string[] => [text, text, text, text];
row("no credential", {}, all("401"), "pass");
row("a credential that was refused", { authentication: { via: "none", refusal: "expired" } }, all("401"), "pass");
for (const via of ["cookie", "bearer", "subprotocol"] as const) {
  row(`valid ${via}`, { authentication: ada(via) }, all("pass"), "pass");
}
row("for an earlier Session of the name", { authentication: ada("cookie", { sessionUid: "old" }) }, all("401"), "pass");
row(
  "from before a revocation",
  { authentication: ada("cookie"), route: route({ revokedBeforeMs: now - 999 }) },
  all("401"),
  "pass",
);
row(
  "from after a revocation",
  { authentication: ada("cookie"), route: route({ revokedBeforeMs: now - 1000 }) },
  all("pass"),
  "pass",
);
row("same tenant, another user", { authentication: ada("cookie", { subject: "eve" }) }, all("403"), "pass");
row("another tenant", { authentication: ada("cookie", { tenant: "other" }) }, all("403"), "pass");
for (const phase of ["Queued", "Provisioning"] as const) {
  const starting = route({ phase });
  row(`${phase}`, { authentication: ada("cookie"), route: starting }, all("wait"), "wait");
}
row(
  "ready, pod not usable",
  { authentication: ada("cookie"), route: route({ pod: { uid: "pod-1" } }) },
  all("wait"),
  "wait",
);
row("Ending", { authentication: ada("cookie"), route: route({ closed: true, phase: "Ending" }) }, all("410"), "410");
row("Ending, nobody asks", { route: route({ closed: true, phase: "Ending" }) }, all("410"), "410");
row("its time is over", { authentication: ada("cookie"), route: route({ expiresAtMs: now }) }, all("410"), "410");
row(
  "another tenant's, ended",
  { authentication: ada("cookie", { tenant: "x" }), route: route({ closed: true }) },
  all("403"),
  "410",
);
test("unknown session: the API server is asked for verified users only", () => {
  for (const kind of Object.keys(kinds) as RequestKind[]) {
    const unknown = { route: undefined };
    assert.equal(outcome(decideFor(kind, unknown)), "401");
    assert.equal(outcome(decideFor(kind, { ...unknown, authentication: ada("bearer") })), "readThrough");
    assert.equal(outcome(decideFor(kind, { ...unknown, authentication: ada("bearer"), readThroughDone: true })), "404");
  }
});

test("a tenant's endpoint is open to the tenant's users, and to nobody else", () => {
  const team = (authentication: Authentication) => outcome(decideFor("fetch", { endpoint: "team", authentication }));
  assert.equal(team(ada("cookie")), "pass");
  assert.equal(team(ada("cookie", { subject: "eve" })), "pass");
  assert.equal(team(ada("cookie", { tenant: "other" })), "403");
  assert.equal(team(nobody), "401");
});

test("an endpoint that does not exist is 404 for users, and tells nobody else anything", () => {
  assert.equal(outcome(decideFor("fetch", { endpoint: "nope", authentication: ada("cookie") })), "404");
  assert.equal(outcome(decideFor("fetch", { endpoint: "nope" })), "401");
});

test("on an endpoint's host a person who is not known there hops; nobody else does", () => {
  assert.equal(outcome(decideFor("navigation", { endpoint: "team" })), "hop");
  for (const kind of ["fetch", "events", "websocket"] as const) {
    assert.equal(outcome(decideFor(kind, { endpoint: "team" })), "401", kind);
  }
  const ahead = head("navigation", { headers: ["Sec-Purpose", "prefetch"] });
  assert.equal(outcome(decideFor("navigation", { endpoint: "team", head: ahead })), "401");
  assert.equal(outcome(decideFor("navigation", { endpoint: "main" })), "401");
});

test("origin: cookies act only for the session's own pages", () => {
  const foreign = [
    "http://sbbbbbbbbbbbbbbbbbbbb.carrel.localhost",
    "https://evil.example",
    "null",
    `https://${host}`,
    `http://${host}:81`,
  ];
  const cookie = { authentication: ada("cookie") };
  for (const origin of foreign) {
    const web = head("websocket", { headers: ["Origin", origin] });
    assert.equal(outcome(decideFor("websocket", { ...cookie, head: web })), "403", origin);
    const post = head("fetch", { method: "POST", headers: ["Origin", origin] });
    assert.equal(outcome(decideFor("fetch", { ...cookie, head: post })), "403", origin);
    const get = head("fetch", { headers: ["Origin", origin] });
    assert.equal(outcome(decideFor("fetch", { ...cookie, head: get })), "pass", origin);
  }
  assert.equal(
    outcome(decideFor("websocket", { ...cookie, head: head("websocket", { headers: [] }) })),
    "403",
    "no Origin",
  );
});

test("origin: both of what a browser says must be right", () => {
  const judge = (...headers: string[]) =>
    outcome(decideFor("fetch", { authentication: ada("cookie"), head: head("fetch", { method: "DELETE", headers }) }));
  const own = ["Origin", `http://${host}`];
  assert.equal(judge(...own), "pass");
  assert.equal(judge(...own, "Sec-Fetch-Site", "same-origin"), "pass");
  assert.equal(judge("Sec-Fetch-Site", "none"), "pass");
  assert.equal(judge(), "pass", "no browser");
  assert.equal(judge(...own, "Sec-Fetch-Site", "same-site"), "403");
  assert.equal(judge(...own, "Sec-Fetch-Site", "cross-site"), "403");
  assert.equal(judge("Origin", "http://evil.example", "Sec-Fetch-Site", "none"), "403");
  assert.equal(judge("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"), "403");
});

test("origin: tokens that are shown on purpose may come from anywhere", () => {
  const web = head("websocket", { headers: ["Origin", "https://saas.example"] });
  assert.equal(outcome(decideFor("websocket", { authentication: ada("subprotocol"), head: web })), "pass");
  const post = head("fetch", { method: "POST", headers: ["Origin", "https://saas.example"] });
  assert.equal(outcome(decideFor("fetch", { authentication: ada("bearer"), head: post })), "pass");
});

test("origin: on a public endpoint a foreign page comes as nobody", () => {
  const web = head("websocket", { headers: ["Origin", "https://evil.example"] });
  const decision = decideFor("websocket", { endpoint: "web", authentication: ada("cookie"), head: web });
  assert.equal(decision.kind === "forward" && decision.authentication.via, "none");
  const own = decideFor("websocket", { endpoint: "web", authentication: ada("cookie") });
  assert.equal(own.kind === "forward" && own.authentication.via, "cookie");
});

test("the reason of an end is told to those who had a right to the session", () => {
  const ended = route({ closed: true, phase: "Ended", endReason: "EndedByTenant" });
  const to = (authentication: Authentication) => {
    const decision = decideFor("fetch", { route: ended, authentication });
    return decision.kind === "refuse" ? decision.detail : undefined;
  };
  assert.equal(to(ada("cookie")), "EndedByTenant");
  assert.equal(to(nobody), undefined);
});
