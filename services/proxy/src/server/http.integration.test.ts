import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { get, request as httpRequest, type IncomingMessage } from "node:http";
import { test, type TestContext } from "node:test";
import { systemClock } from "@carrel/std";
import { WebSocket } from "ws";
import { aRoute, DOMAIN, SESSION } from "../testing/a-route.ts";
import { RecordingPod, type Echo } from "../testing/recording-pod.ts";
import { startProxy, type TestProxy } from "../testing/start-proxy.ts";
import { until } from "../testing/until.ts";

const host = `${SESSION}.${DOMAIN}`;
const navigation = { Accept: "text/html", "Sec-Fetch-Mode": "navigate" };

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

interface Ask {
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: Buffer | string;
}

function ask(
  port: number,
  { path = "/", method = "GET", host: name = host, headers = {}, body }: Ask = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      port,
      host: "127.0.0.1",
      path,
      method,
      headers: { Host: name, ...headers },
      agent: false,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const { statusCode = 0, headers: received, rawHeaders } = answer;
        resolve({ status: statusCode, headers: received, rawHeaders, body: Buffer.concat(chunks).toString("latin1") });
      });
    });
    outgoing.end(body);
  });
}

async function setUp(
  t: TestContext,
  options: Parameters<typeof startProxy>[0] = {},
): Promise<{ proxy: TestProxy; pod: RecordingPod }> {
  const pod = await RecordingPod.start();
  const proxy = await startProxy(options);
  t.after(async () => {
    await proxy[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });
  proxy.routes.set(aRoute(pod.port));
  return { proxy, pod };
}

const echoOf = (reply: Reply): Echo => JSON.parse(Buffer.from(reply.body, "latin1").toString("utf8")) as Echo;
const cookieOf = (reply: Reply): string => reply.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";

async function signIn(proxy: TestProxy): Promise<string> {
  const token = await proxy.mint("exchange");
  return cookieOf(await ask(proxy.port, { path: `/?carrel_token=${token}`, headers: navigation }));
}

test("exchange: a link becomes a cookie and a clean address; the pod sees neither", async (t) => {
  const { proxy, pod } = await setUp(t);
  const token = await proxy.mint("exchange");
  const first = await ask(proxy.port, { path: `//evil.example/a?x=%7E&carrel_token=${token}&y`, headers: navigation });
  assert.equal(first.status, 303);
  assert.equal(first.headers.location, "/evil.example/a?x=%7E&y");
  assert.equal(first.headers["cache-control"], "no-store");
  assert.equal(first.headers["referrer-policy"], "no-referrer");
  assert.match(
    first.headers["set-cookie"]?.[0] ?? "",
    /^__Host-carrel=[^;]+; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
  );
  assert.equal(pod.connections, 0);

  const cookie = cookieOf(first);
  const page = await ask(proxy.port, { path: "/a?x=%7E&y", headers: { ...navigation, Cookie: `a=1; ${cookie}; b=2` } });
  assert.equal(page.status, 200);
  const echo = echoOf(page);
  assert.equal(echo.url, "/a?x=%7E&y");
  assert.equal(echo.headers["cookie"], "a=1; b=2");
  assert.equal(echo.headers["host"], host);
  assert.equal(echo.headers["x-carrel-user"], "ada");
  assert.equal(echo.headers["x-carrel-role"], "owner");
  assert.equal(pod.received.includes(cookie), false);
  assert.equal(pod.received.includes(token), false);
  assert.ok(Number(page.headers["x-carrel-expires-in"]) > 3500);
});

test("exchange: once only; again with the cookie is sent on, without it is told why", async (t) => {
  const { proxy, pod } = await setUp(t);
  const token = await proxy.mint("exchange");
  const path = `/lab?carrel_token=${token}`;
  const cookie = cookieOf(await ask(proxy.port, { path, headers: navigation }));
  const replayed = await ask(proxy.port, { path, headers: navigation });
  assert.equal(replayed.status, 401);
  assert.match(replayed.body, /signedOut \(replayed\)/);
  const again = await ask(proxy.port, { path, headers: { ...navigation, Cookie: cookie } });
  assert.deepEqual([again.status, again.headers.location, again.headers["set-cookie"]], [303, "/lab", undefined]);
  const open = await ask(proxy.port, { path, host: `web--${host}`, headers: navigation });
  assert.deepEqual([open.status, open.headers.location], [303, "/lab"]);
  assert.equal(pod.connections, 0);
});

test("exchange: neither a script, nor HEAD, nor a prefetch uses a token up", async (t) => {
  const { proxy, pod } = await setUp(t);
  const token = await proxy.mint("exchange");
  const path = `/?carrel_token=${token}`;
  assert.equal((await ask(proxy.port, { path })).status, 401);
  assert.equal((await ask(proxy.port, { path, method: "HEAD", headers: navigation })).status, 401);
  assert.equal((await ask(proxy.port, { path, headers: { ...navigation, "Sec-Purpose": "prefetch" } })).status, 401);
  assert.equal((await ask(proxy.port, { headers: { Authorization: `Bearer ${token}` } })).status, 401);
  assert.equal((await ask(proxy.port, { headers: { Cookie: `__Host-carrel=${token}` } })).status, 401);
  assert.equal(pod.connections, 0);
  assert.equal((await ask(proxy.port, { path, headers: navigation })).status, 303);
});

test("exchange by POST: from anywhere, and only to a path of this host", async (t) => {
  const { proxy } = await setUp(t);
  const post = async (to: string) => {
    const body = new URLSearchParams({ carrel_token: await proxy.mint("exchange"), to }).toString();
    const headers = {
      ...navigation,
      "Content-Type": "application/x-www-form-urlencoded",
      Origin: "https://saas.example",
    };
    return ask(proxy.port, { path: "/.carrel/exchange", method: "POST", headers, body });
  };
  const reply = await post("/lab?x=1");
  assert.deepEqual([reply.status, reply.headers.location], [303, "/lab?x=1"]);
  assert.match(cookieOf(reply), /^__Host-carrel=./);
  assert.equal((await post("//evil.example/")).headers.location, "/evil.example/");
  assert.equal((await post("https://evil.example/")).headers.location, "/https://evil.example/");
  const anyScript = await post("/späti/урок?q=€%20\u{1f980}");
  assert.deepEqual(
    [anyScript.status, anyScript.headers.location],
    [303, "/sp%C3%A4ti/%D1%83%D1%80%D0%BE%D0%BA?q=%E2%82%AC%20%F0%9F%A6%80"],
  );
  const bad = await ask(proxy.port, { path: "/.carrel/exchange", method: "POST", body: "carrel_token=x" });
  assert.equal(bad.status, 400);
});

test("each refusal dials nobody and sends no byte", async (t) => {
  const { proxy, pod } = await setUp(t);
  const session = await proxy.mint("session");
  const eve = await proxy.mint("session", { subject: "eve" });
  const other = await proxy.mint("session", { tenant: "other" });
  const elsewhere = await proxy.mint("session", { session: "sbbbbbbbbbbbbbbbbbbbb" });
  const cookie = await signIn(proxy);
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const cases: [string, number, Ask][] = [
    ["no credential", 401, {}],
    ["forged cookie", 401, { headers: { Cookie: "__Host-carrel=AAAA.BBBB" } }],
    ["tampered token", 401, { headers: bearer(`${session.slice(0, -4)}AAAA`) }],
    [
      "a bad bearer decides over a good cookie",
      401,
      { headers: { ...bearer(`${session.slice(0, -4)}AAAA`), Cookie: cookie } },
    ],
    ["for another session", 401, { headers: bearer(elsewhere) }],
    ["another user", 403, { headers: bearer(eve) }],
    ["another tenant on a tenant's endpoint", 403, { host: `team--${host}`, headers: bearer(other) }],
    [
      "foreign page writes",
      403,
      { method: "POST", headers: { Cookie: cookie, Origin: "http://evil.example" }, body: "x" },
    ],
    [
      "sibling page writes",
      403,
      { method: "POST", headers: { Cookie: cookie, "Sec-Fetch-Site": "same-site" }, body: "x" },
    ],
    ["unknown host", 404, { host: `nope.${DOMAIN}`, headers: bearer(session) }],
    ["foreign host", 404, { host: "example.org" }],
    ["unknown endpoint", 404, { host: `nope--${host}`, headers: bearer(session) }],
    ["own path that is not there", 404, { path: "/.carrel/x", headers: bearer(session) }],
    ["own path, wrong method", 405, { path: "/.carrel/logout", headers: bearer(session) }],
    ["a large upload", 401, { method: "POST", body: Buffer.alloc(1_000_000) }],
  ];
  for (const [name, status, what] of cases) {
    const reply = await ask(proxy.port, what);
    assert.equal(reply.status, status, name);
    assert.equal(reply.headers["cache-control"], "no-store", name);
    if (status === 401) {
      assert.equal(reply.headers["www-authenticate"], "Bearer", name);
      const body = JSON.parse(reply.body) as { code: string; retryable: boolean; requestId: string; message: string };
      assert.equal(body.code, "UNAUTHENTICATED", name);
      assert.equal(body.retryable, false, name);
      assert.equal(body.requestId, reply.headers["x-carrel-request-id"], name);
    }
  }
  assert.equal(pod.connections, 0);
  assert.equal(pod.received.length, 0);
});

test("bearer tokens and public endpoints pass; a foreign Authorization is the pod's own", async (t) => {
  const { proxy, pod } = await setUp(t);
  const token = await proxy.mint("session");
  const bearer = await ask(proxy.port, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(bearer.status, 200);
  assert.equal(echoOf(bearer).headers["authorization"], undefined);
  assert.equal(pod.received.includes(token), false);

  const open = await ask(proxy.port, {
    host: `web--${host}`,
    headers: { Authorization: "Bearer x.y.z", "X-Carrel-User": "eve" },
  });
  assert.equal(open.status, 200);
  const echo = echoOf(open);
  assert.deepEqual([echo.headers["x-carrel-user"], echo.headers["x-carrel-role"]], [undefined, "public"]);

  const cookie = await signIn(proxy);
  const own = await ask(proxy.port, { headers: { Cookie: cookie, Authorization: "token abc" } });
  assert.equal(echoOf(own).headers["authorization"], "token abc");
  assert.equal((await ask(proxy.port, { headers: { Authorization: "token abc" } })).status, 401);
});

test("bodies: large ones both ways, sized and chunked, on every method", async (t) => {
  const { proxy, pod } = await setUp(t);
  const token = await proxy.mint("session");
  const headers = { Authorization: `Bearer ${token}` };
  const body = randomBytes(3_000_000);
  for (const [method, framing] of [
    ["POST", "sized"],
    ["PUT", "chunked"],
    ["DELETE", "chunked"],
    ["OPTIONS", "chunked"],
    ["PATCH", "sized"],
  ] as const) {
    const framed =
      framing === "chunked"
        ? { ...headers, "Transfer-Encoding": "chunked" }
        : { ...headers, "Content-Length": String(body.length) };
    const reply = await ask(proxy.port, { method, headers: framed, body });
    const echo = echoOf(reply);
    assert.equal(echo.method, method);
    assert.equal(Buffer.from(echo.body, "latin1").equals(body), true, `${method} ${framing}`);
  }
  pod.onRequest = (_request, response) => {
    response.writeHead(200, { "Content-Length": body.length, "X-From": "pod" });
    response.end(body);
  };
  const reply = await ask(proxy.port, { headers });
  assert.equal(Buffer.from(reply.body, "latin1").equals(body), true);
  assert.equal(reply.headers["content-length"], String(body.length));
});

test("statuses and headers of a pod's answer pass; its cookies stay apart and at home", async (t) => {
  const { proxy, pod } = await setUp(t);
  const headers = { Authorization: `Bearer ${await proxy.mint("session")}` };
  pod.onRequest = (request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, "Just So", [
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", `b=2; Domain=${DOMAIN}`],
      ["Set-Cookie", "__Host-carrel=forged; Path=/; Secure"],
      ["Location", "/elsewhere"],
      ["ETag", '"x"'],
      ["Alt-Svc", 'h3=":443"'],
      ["Content-Security-Policy", "default-src 'self'"],
    ] as never);
    response.end(status === 304 || status === 204 ? undefined : "body");
  };
  for (const status of [200, 201, 204, 301, 304, 404, 500]) {
    const reply = await ask(proxy.port, { path: `/${status}`, headers });
    assert.equal(reply.status, status);
    assert.deepEqual(reply.headers["set-cookie"], ["a=1", "b=2"]);
    assert.equal(reply.headers.location, "/elsewhere");
    assert.equal(reply.headers["alt-svc"], undefined);
    assert.equal(reply.headers["content-security-policy"], "default-src 'self'");
    assert.equal(reply.body, status === 304 || status === 204 ? "" : "body");
  }
  const head = await ask(proxy.port, { path: "/200", method: "HEAD", headers });
  assert.deepEqual([head.status, head.body], [200, ""]);
});

test("a pod that refuses, breaks off or talks nonsense is 502, and one that is silent 504", async (t) => {
  const { proxy, pod } = await setUp(t, { limits: { firstByteTimeoutMs: 300, connectTimeoutMs: 300 } });
  const headers = { Authorization: `Bearer ${await proxy.mint("session")}` };
  const closed = await RecordingPod.start();
  const { port } = closed;
  await closed[Symbol.asyncDispose]();
  proxy.routes.set(aRoute(port, { pod: { uid: "pod-2", address: "127.0.0.1" } }));
  const refused = await ask(proxy.port, { headers });
  assert.equal(refused.status, 502);
  assert.match(refused.body, /"reason":"podRefused".*Nothing listens on port/);
  proxy.routes.set(aRoute(pod.port));
  pod.onRequest = (request) => request.socket.destroy();
  assert.match((await ask(proxy.port, { headers })).body, /"reason":"podFailed"/);
  pod.onRequest = (request) =>
    request.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
  assert.equal((await ask(proxy.port, { headers })).status, 502);
  pod.onRequest = (request) => request.socket.end("nonsense\r\n\r\n");
  assert.equal((await ask(proxy.port, { headers })).status, 502);
  pod.onRequest = () => undefined;
  const silent = await ask(proxy.port, { headers });
  assert.deepEqual([silent.status, /"reason":"podSilent"/.test(silent.body)], [504, true]);
  const page = await ask(proxy.port, { headers: { ...headers, ...navigation } });
  assert.match(page.body, /<h1 id="title">No answer<\/h1>/);
});

test("an answer that breaks off in the middle is never made to look whole", async (t) => {
  const { proxy, pod } = await setUp(t);
  const headers = { Authorization: `Bearer ${await proxy.mint("session")}` };
  for (const head of ["Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"]) {
    pod.onRequest = (request) => {
      request.socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n${head.startsWith("T") ? "5\r\nhello\r\n" : "hello"}`);
      setTimeout(() => request.socket.destroy(), 50);
    };
    await assert.rejects(ask(proxy.port, { headers }), /aborted|hang up|ECONNRESET/, head);
  }
});

test("a pod that answers before it has read the body is heard", async (t) => {
  const { proxy, pod } = await setUp(t);
  const headers = { Authorization: `Bearer ${await proxy.mint("session")}` };
  pod.onRequest = (_request, response) => {
    response.writeHead(413);
    response.end("too large");
  };
  const reply = await ask(proxy.port, { method: "POST", headers, body: Buffer.alloc(5_000_000) });
  assert.deepEqual([reply.status, reply.body], [413, "too large"]);
});

test("a connection that the pod closed while it was kept does not become an error", async (t) => {
  const { proxy, pod } = await setUp(t);
  const headers = { Authorization: `Bearer ${await proxy.mint("session")}` };
  let answered = 0;
  pod.onRequest = (request, response) => {
    answered += 1;
    response.end("ok", () => setTimeout(() => request.socket.destroy(), answered % 3));
  };
  for (let index = 0; index < 60; index++) assert.equal((await ask(proxy.port, { headers })).status, 200);
});

test("a client that goes away takes its request with it", async (t) => {
  const { proxy, pod } = await setUp(t);
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  pod.onRequest = (request) => {
    request.socket.once("close", () => gone.resolve());
    arrived.resolve();
  };
  const client = get({
    port: proxy.port,
    host: "127.0.0.1",
    headers: { Host: host, Authorization: `Bearer ${await proxy.mint("session")}` },
  });
  client.on("error", () => undefined);
  await arrived.promise;
  assert.equal(proxy.server.streams.http, 1);
  client.destroy();
  await gone.promise;
  assert.equal(proxy.server.streams.http, 0);
});

test("Expect: the body is asked for only when it may go to the pod", async (t) => {
  const { proxy, pod } = await setUp(t);
  const upload = (headers: Record<string, string>) =>
    new Promise<{ status: number; continued: boolean }>((resolve, reject) => {
      let continued = false;
      const outgoing = httpRequest({
        port: proxy.port,
        host: "127.0.0.1",
        method: "POST",
        headers: { Host: host, Expect: "100-continue", "Content-Length": "5", ...headers },
      });
      outgoing.on("continue", () => {
        continued = true;
        outgoing.end("hello");
      });
      outgoing.on("response", (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode ?? 0, continued });
      });
      outgoing.on("error", reject);
      outgoing.flushHeaders();
    });
  assert.deepEqual(await upload({}), { status: 401, continued: false });
  assert.equal(pod.connections, 0);
  const token = await proxy.mint("session");
  assert.deepEqual(await upload({ Authorization: `Bearer ${token}` }), { status: 200, continued: true });
});

test("starting: a person gets the waiting page, a script is held until it is ready", async (t) => {
  const { proxy, pod } = await setUp(t);
  const headers = { Authorization: `Bearer ${await proxy.mint("session")}` };
  proxy.routes.change(SESSION, { phase: "Provisioning", reason: "PodStarting" });
  const page = await ask(proxy.port, { headers: { ...headers, ...navigation } });
  assert.equal(page.status, 503);
  assert.equal(page.headers["retry-after"], "2");
  assert.match(page.body, /Your desk is being prepared/);
  const held = ask(proxy.port, { headers });
  setTimeout(() => proxy.routes.change(SESSION, { phase: "Provisioning", reason: "Ready" }), 50);
  setTimeout(() => proxy.routes.change(SESSION, { phase: "Ready" }), 100);
  assert.equal((await held).status, 200);
  assert.equal(pod.connections, 1);
});

test("starting: who has waited long enough, or is one too many, is asked to come again", async (t) => {
  const { proxy, pod } = await setUp(t, { limits: { holdMs: 200, heldPerSession: 2 } });
  const headers = { Authorization: `Bearer ${await proxy.mint("session")}` };
  proxy.routes.change(SESSION, { phase: "Queued" });
  const startMs = performance.now();
  const took: number[] = [];
  const replies = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const reply = await ask(proxy.port, { headers });
      took.push(performance.now() - startMs);
      return reply;
    }),
  );
  for (const reply of replies) {
    assert.deepEqual([reply.status, reply.headers["retry-after"]], [503, "2"]);
    assert.match(reply.body, /"code":"PENDING".*"retryable":true/);
  }
  assert.equal(took.filter((ms) => ms < 150).length, 2);
  const events = await ask(proxy.port, { headers: { ...headers, Accept: "text/event-stream" } });
  assert.deepEqual(
    [events.status, events.headers["content-type"], events.body],
    [200, "text/event-stream", "retry: 2000\n\n"],
  );
  assert.equal(pod.connections, 0);
});

test("ended: 410 with the reason, event streams are told to stop", async (t) => {
  const { proxy, pod } = await setUp(t);
  const headers = { Authorization: `Bearer ${await proxy.mint("session")}` };
  proxy.routes.change(SESSION, { closed: true, phase: "Ended", endReason: "EndedByTenant" });
  const script = await ask(proxy.port, { headers });
  assert.equal(script.status, 410);
  assert.match(script.body, /"code":"EXPIRED","reason":"ended","detail":"EndedByTenant"/);
  assert.equal((await ask(proxy.port, { headers: { ...headers, Accept: "text/event-stream" } })).status, 204);
  const page = await ask(proxy.port, { headers: { ...headers, ...navigation } });
  assert.match(page.body, /It was ended by the place where you started it/);
  const status = await ask(proxy.port, { path: "/.carrel/status", headers });
  assert.equal(status.status, 200);
  assert.deepEqual((({ phase, reason, usable }) => ({ phase, reason, usable }))(JSON.parse(status.body)), {
    phase: "Ended",
    reason: "EndedByTenant",
    usable: false,
  });
  assert.equal(pod.connections, 0);
});

test("an unknown session: the API server is asked for verified users only, and what it says is used", async (t) => {
  const { proxy, pod } = await setUp(t);
  const session = "sbbbbbbbbbbbbbbbbbbbb";
  const there = `${session}.${DOMAIN}`;
  assert.equal((await ask(proxy.port, { host: there })).status, 401);
  assert.equal(proxy.routes.readThroughs, 0);
  const headers = { Authorization: `Bearer ${await proxy.mint("session", { session })}` };
  assert.equal((await ask(proxy.port, { host: there, headers })).status, 404);
  assert.equal(proxy.routes.readThroughs, 1);
  proxy.routes.readable.set(session, aRoute(pod.port, { session }));
  assert.equal((await ask(proxy.port, { host: there, headers })).status, 200);
});

test("cookies: renewed in their last third, with the first authentication time and never past the session", async (t) => {
  let offsetMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + offsetMs };
  const { proxy } = await setUp(t, { clock });
  const cookie = await signIn(proxy);
  const young = await ask(proxy.port, { headers: { Cookie: cookie } });
  assert.equal(young.headers["set-cookie"], undefined);
  offsetMs = 11 * 60_000;
  const old = await ask(proxy.port, { headers: { Cookie: cookie } });
  const renewed = cookieOf(old);
  assert.match(renewed, /^__Host-carrel=/);
  assert.equal(old.headers["cache-control"], "private, no-cache");
  offsetMs = 16 * 60_000;
  assert.equal((await ask(proxy.port, { headers: { Cookie: cookie } })).status, 401, "the first one is over");
  assert.equal((await ask(proxy.port, { headers: { Cookie: renewed } })).status, 200);
  proxy.routes.change(SESSION, { revokedBeforeMs: Date.now() + 60_000 });
  assert.equal(
    (await ask(proxy.port, { headers: { Cookie: renewed } })).status,
    401,
    "renewal does not outlive a revocation",
  );
});

test("cookies: one that has run out still counts while its user has a WebSocket open, and is renewed by that", async (t) => {
  let offsetMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + offsetMs };
  const { proxy } = await setUp(t, { clock });
  const cookie = await signIn(proxy);
  const headers = { Host: host, Cookie: cookie, Origin: `http://${host}` };
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/`, { headers });
  await new Promise((resolve) => socket.once("open", resolve));
  offsetMs = 40 * 60_000;
  const reply = await ask(proxy.port, { headers: { Cookie: cookie } });
  assert.equal(reply.status, 200);
  const renewed = cookieOf(reply);
  socket.terminate();
  await until(() => proxy.server.streams.websocket === 0);
  const late = await ask(proxy.port, { headers: { ...navigation, Cookie: cookie } });
  assert.equal(late.status, 401);
  assert.match(late.body, /Your sign-in has run out/);
  assert.equal((await ask(proxy.port, { headers: { Cookie: renewed } })).status, 200);
});

test("hop: a sign-in on the session's host reaches an endpoint's host, once", async (t) => {
  const { proxy } = await setUp(t, { port: 8080 });
  const team = `team--${host}`;
  const cookie = await signIn(proxy);
  const leave = await ask(proxy.port, { host: team, path: "/a?b=c", headers: navigation });
  assert.equal(leave.status, 303);
  const hop = new URL(leave.headers.location ?? "");
  assert.equal(hop.host, `${host}:8080`);
  const anonymous = await ask(proxy.port, { path: hop.pathname + hop.search, headers: navigation });
  assert.equal(anonymous.status, 401, "who is not signed in there either stays out");
  const back = await ask(proxy.port, { path: hop.pathname + hop.search, headers: { ...navigation, Cookie: cookie } });
  const enter = new URL(back.headers.location ?? "");
  assert.equal(enter.host, `${team}:8080`);
  assert.equal(enter.searchParams.get("to"), "/a?b=c");
  enter.searchParams.set("to", "/a?b=€");
  const path = enter.pathname + enter.search;
  assert.equal(
    (await ask(proxy.port, { host: `web--${host}`, path, headers: navigation })).status,
    401,
    "for one endpoint",
  );
  const entered = await ask(proxy.port, { host: team, path, headers: navigation });
  assert.deepEqual([entered.status, entered.headers.location], [303, "/a?b=%E2%82%AC"]);
  assert.equal((await ask(proxy.port, { host: team, path, headers: navigation })).status, 401, "once");
  const there = await ask(proxy.port, { host: team, path: "/a?b=c", headers: { Cookie: cookieOf(entered) } });
  assert.equal(there.status, 200);
});

test("logout: only the session's own pages, by POST", async (t) => {
  const { proxy } = await setUp(t);
  const cookie = await signIn(proxy);
  const post = (origin: string) =>
    ask(proxy.port, { path: "/.carrel/logout", method: "POST", headers: { Cookie: cookie, Origin: origin } });
  assert.equal((await post("http://evil.example")).status, 403);
  const done = await post(`http://${host}`);
  assert.equal(done.status, 204);
  assert.match(done.headers["set-cookie"]?.[0] ?? "", /^__Host-carrel=; Max-Age=0; Path=\/; Secure/);
});

test("limits: requests of a session, and bad tokens of an address", async (t) => {
  const { proxy } = await setUp(t, { limits: { requestsPerSecondPerSession: 2, badTokensPerSecondPerAddress: 3 } });
  const token = await proxy.mint("session");
  const good = { Authorization: `Bearer ${token}` };
  const statuses: number[] = [];
  for (let index = 0; index < 12; index++) statuses.push((await ask(proxy.port, { headers: good })).status);
  assert.equal(statuses.filter((status) => status === 200).length >= 8, true);
  assert.equal(statuses.includes(429), true);
  const bad = { Authorization: `Bearer ${token.slice(0, -4)}AAAA` };
  const refused: number[] = [];
  for (let index = 0; index < 6; index++) refused.push((await ask(proxy.port, { headers: bad })).status);
  assert.deepEqual(refused.slice(0, 3), [401, 401, 401]);
  assert.equal(refused.includes(429), true);
});
