import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { publicJwks, generateSigningKey } from "@carrel/auth";
import { systemClock } from "@carrel/std";
import { WebSocket, type ClientOptions } from "ws";
import type { Route } from "../routing/route.ts";
import { aRoute, DOMAIN, SESSION } from "../testing/a-route.ts";
import { rawExchange } from "../testing/raw-exchange.ts";
import { RecordingPod } from "../testing/recording-pod.ts";
import { startProxy, type TestProxy } from "../testing/start-proxy.ts";
import { until } from "../testing/until.ts";
import { acceptFor } from "../upstream/pod-handshake.ts";

const host = `${SESSION}.${DOMAIN}`;
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

async function setUp(
  t: TestContext,
  options: Parameters<typeof startProxy>[0] = {},
): Promise<{ proxy: TestProxy; pod: RecordingPod; token: string }> {
  const pod = await RecordingPod.start();
  const proxy = await startProxy(options);
  t.after(async () => {
    await proxy[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });
  proxy.routes.set(aRoute(pod.port));
  return { proxy, pod, token: await proxy.mint("session") };
}

interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client with what came of it. */
class Client {
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<Closed>;
  readonly messages: Buffer[] = [];
  status = 0;
  #waiting: (() => void) | undefined;

  constructor(port: number, options: ClientOptions = {}, protocols: string[] = []) {
    const { headers = {}, ...rest } = options;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/echo?x=%7E`, protocols, {
      headers: { Host: host, ...headers },
      ...rest,
    });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.socket.on("error", () => undefined);
    this.socket.on("unexpected-response", (_request, answer) => {
      this.status = answer.statusCode ?? 0;
      this.socket.terminate();
    });
    this.socket.on("message", (message) => {
      this.messages.push(message as Buffer);
      this.#waiting?.();
    });
  }

  async next(count = 1): Promise<void> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }
}

const bearer = (token: string): ClientOptions => ({ headers: { Authorization: `Bearer ${token}` } });

test("echo: text, binary, empty, large, fragmented and compressed messages", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  for (const perMessageDeflate of [false, true]) {
    const client = new Client(proxy.port, { ...bearer(token), perMessageDeflate });
    await client.opened;
    const sent = [Buffer.from("hello"), Buffer.alloc(0), randomBytes(70_000), Buffer.alloc(1_000_000, "a")];
    for (const message of sent) client.socket.send(message);
    client.socket.send("frag", { fin: false });
    client.socket.send("mented", { fin: true });
    await client.next(5);
    assert.deepEqual(
      client.messages.map((message) => message.length),
      [5, 0, 70_000, 1_000_000, 10],
    );
    assert.equal(client.messages[2]?.equals(sent[2] ?? Buffer.alloc(0)), true);
    client.socket.close(1000, "done");
    assert.deepEqual(await client.closed, { code: 1000, reason: "done" });
  }
  assert.equal(pod.received.includes(token), false);
});

test("a subprotocol may carry the token; the pod is offered the others", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  const client = new Client(proxy.port, {}, [`carrel.bearer.${token}`, "v1.terminal"]);
  await client.opened;
  assert.equal(client.socket.protocol, "v1.terminal");
  assert.equal(pod.received.includes("carrel.bearer"), false);
  assert.match(pod.received.toString("latin1"), /^GET \/echo\?x=%7E HTTP\/1\.1\r\n/);
  client.socket.terminate();
});

test("each refusal is a status before 101; nobody is dialled", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  const eve = await proxy.mint("session", { subject: "eve" });
  const exchange = await proxy.mint("exchange");
  const cases: [string, number, ClientOptions, string[]?][] = [
    ["nobody", 401, {}],
    ["tampered", 401, bearer(`${token.slice(0, -4)}AAAA`)],
    ["an exchange token", 401, bearer(exchange)],
    ["another user", 403, bearer(eve)],
    ["tampered subprotocol", 401, {}, [`carrel.bearer.${token.slice(0, -4)}AAAA`, "x"]],
    ["unknown host", 404, { headers: { ...bearer(token).headers, Host: `nope.${DOMAIN}` } }],
  ];
  for (const [name, status, options, protocols] of cases) {
    const client = new Client(proxy.port, options, protocols);
    assert.equal((await client.closed).code, 1006, name);
    assert.equal(client.status, status, name);
  }
  assert.equal(pod.connections, 0);
  assert.equal(pod.received.length, 0);
});

test("with a cookie the Origin must be the session's own", async (t) => {
  const { proxy, pod } = await setUp(t);
  const link = await rawExchange(
    proxy.port,
    `GET /?carrel_token=${await proxy.mint("exchange")} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
  );
  const cookie = /set-cookie: ([^;]+)/i.exec(link.text)?.[1] ?? "";
  const open = async (headers: Record<string, string>): Promise<number> => {
    const client = new Client(proxy.port, { headers: { Cookie: cookie, ...headers } });
    await Promise.race([client.opened.catch(() => undefined), client.closed]);
    const status = client.socket.readyState === WebSocket.OPEN ? 101 : client.status;
    client.socket.terminate();
    return status;
  };
  assert.equal(await open({}), 403);
  assert.equal(await open({ Origin: "http://evil.example" }), 403);
  assert.equal(await open({ Origin: `http://sbbbbbbbbbbbbbbbbbbbb.${DOMAIN}` }), 403);
  assert.equal(pod.connections, 0);
  assert.equal(await open({ Origin: `http://${host}` }), 101);
});

test("bytes behind a handshake wait for the pod's 101", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const handshake = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const tries: [string, number, RecordingPod["onUpgrade"]][] = [
    [
      "the pod answers in plain HTTP",
      200,
      (_request, socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    ],
    [
      "the pod's 101 proves nothing",
      502,
      (_request, socket) =>
        void socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
    ],
    [
      "the pod switches to something else",
      502,
      (_request, socket) =>
        void socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(KEY)}\r\n\r\n`,
        ),
    ],
  ];
  for (const [name, status, onUpgrade] of tries) {
    pod.forget();
    pod.onUpgrade = onUpgrade;
    const answer = await rawExchange(proxy.port, handshake + smuggled, 2000);
    assert.equal(answer.status, status, name);
    assert.equal(answer.closed, true, name);
    assert.equal(pod.received.includes("smuggled"), false, name);
    assert.equal(pod.connections, 1, name);
  }
});

test("a handshake that the pod refuses is passed on with its answer", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  pod.onUpgrade = (_request, socket) =>
    void socket.end(
      "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nSet-Cookie: __Host-carrel=x\r\n\r\nsorry!",
    );
  const handshake = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const answer = await rawExchange(proxy.port, handshake, 2000);
  assert.match(answer.text, /^HTTP\/1\.1 403 .*\r\n\r\nsorry!$/s);
  assert.equal(answer.text.includes("__Host-carrel"), false);
});

test("what is no WebSocket handshake is plain HTTP, and loses its Upgrade", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  for (const [method, upgrade, body] of [
    ["GET", "h2c", ""],
    ["POST", "websocket", "hello"],
  ]) {
    pod.forget();
    const answer = await rawExchange(
      proxy.port,
      `${method} / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\nHTTP2-Settings: AAA\r\nContent-Length: ${body?.length}\r\nAuthorization: Bearer ${token}\r\n\r\n${body}`,
    );
    assert.equal(answer.status, 200, upgrade);
    assert.equal(/upgrade|http2-settings/i.test(pod.received.toString("latin1")), false);
  }
});

test("either end's end is the other's", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  const open = async (): Promise<Client> => {
    const client = new Client(proxy.port, bearer(token));
    await client.opened;
    return client;
  };
  const fromClient = await open();
  fromClient.socket.terminate();
  await until(() => pod.openConnections === 0 && proxy.server.streams.websocket === 0);

  const closing = await open();
  for (const socket of pod.webSockets.clients) socket.close(3001, "pod says so");
  assert.deepEqual(await closing.closed, { code: 3001, reason: "pod says so" });

  const vanished = await open();
  for (const socket of pod.webSockets.clients) socket.terminate();
  assert.deepEqual(await vanished.closed, { code: 1014, reason: "" });
  await until(() => pod.openConnections === 0 && proxy.server.streams.websocket === 0);
});

const cuts: [string, (proxy: TestProxy, pod: RecordingPod) => void | Promise<void>, Closed][] = [
  [
    "Ending",
    ({ routes }) => routes.change(SESSION, { closed: true, phase: "Ending", endReason: "EndedByTenant" }),
    { code: 4002, reason: "EndedByTenant" },
  ],
  ["deletion", ({ routes }) => routes.delete(SESSION), { code: 4002, reason: "EndedByOperator" }],
  [
    "revocation",
    ({ routes }) => routes.change(SESSION, { revokedBeforeMs: Date.now() + 5000 }),
    { code: 4001, reason: "" },
  ],
  [
    "key withdrawn",
    async ({ publish }) => publish(publicJwks([await generateSigningKey()])),
    { code: 4001, reason: "" },
  ],
  ["level lowered", ({ routes }) => routes.change(SESSION, { endpoints: new Map() }), { code: 4003, reason: "" }],
  [
    "another pod",
    ({ routes }) => routes.change(SESSION, { pod: { uid: "pod-2", address: "127.0.0.1" } }),
    { code: 1012, reason: "" },
  ],
  [
    "pod gone",
    ({ routes }) => routes.change(SESSION, { pod: { uid: "pod-1", gone: true } }),
    { code: 1014, reason: "" },
  ],
];
for (const [name, cut, expected] of cuts) {
  test(`cut: ${name} is ${expected.code}, and no byte passes afterwards in either direction`, async (t) => {
    const { proxy, pod, token } = await setUp(t);
    const client = new Client(proxy.port, bearer(token));
    await client.opened;
    client.socket.send("before");
    await client.next();
    const [podSocket] = pod.webSockets.clients;
    const podClosed = new Promise<number>((resolve) => podSocket?.once("close", resolve));
    pod.forget();
    await cut(proxy, pod);
    client.socket.send("after");
    podSocket?.send("after");
    assert.deepEqual(await client.closed, expected);
    assert.equal(client.messages.length, 1);
    assert.equal(await podClosed, 1001, "the pod is told by a masked Close");
    assert.equal(pod.received.length, 8, "and gets nothing but that");
    await until(() => pod.openConnections === 0 && proxy.server.streams.websocket === 0);
  });
}

test("cut: the session's time is over without any event, and an extension in time keeps the stream", async (t) => {
  const { proxy, token } = await setUp(t);
  const expiresAtMs = Date.now() + 600;
  proxy.routes.change(SESSION, { expiresAtMs });
  const client = new Client(proxy.port, bearer(token));
  await client.opened;
  await systemClock.sleep(200);
  proxy.routes.change(SESSION, { expiresAtMs: expiresAtMs + 600 });
  await systemClock.sleep(600);
  assert.equal(client.socket.readyState, WebSocket.OPEN);
  assert.deepEqual(await client.closed, { code: 4002, reason: "Expired" });
  const lateMs = Date.now() - (expiresAtMs + 600);
  assert.ok(lateMs >= 0 && lateMs < 500, `${lateMs} ms late`);
});

test("cut: what other sessions' streams and changes without meaning do not do", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  const client = new Client(proxy.port, bearer(token));
  await client.opened;
  const other: Partial<Route> = { session: "sbbbbbbbbbbbbbbbbbbbb" };
  proxy.routes.set(aRoute(pod.port, other));
  proxy.routes.change("sbbbbbbbbbbbbbbbbbbbb", { closed: true });
  proxy.routes.change(SESSION, { reason: "PodNotReady", pod: { uid: "pod-1" } });
  proxy.routes.change(SESSION, { expiresAtMs: Date.now() + 7_200_000 });
  client.socket.send("still here");
  await client.next();
  assert.equal(client.messages[0]?.toString(), "still here");
  client.socket.terminate();
});

/** Opens a WebSocket by hand, so that the pod's bytes can be cut anywhere. */
async function rawOpen(proxy: TestProxy, token: string): Promise<{ socket: Socket; received: () => Buffer }> {
  const socket = connect(proxy.port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  await until(() => Buffer.concat(chunks).includes("\r\n\r\n"));
  return {
    socket,
    received: () => {
      const all = Buffer.concat(chunks);
      return all.subarray(all.indexOf("\r\n\r\n") + 4);
    },
  };
}

test("cut in the middle of a frame: the frame is finished, then our Close; or the end is hard", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  let podSocket: Socket | undefined;
  pod.onUpgrade = (_request, socket) => {
    podSocket = socket as Socket;
    socket.resume().on("end", () => socket.end());
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(KEY)}\r\n\r\n`,
    );
  };
  const frame = Buffer.concat([Buffer.from([0x82, 10]), Buffer.alloc(10, 0x88)]);
  const finished = await rawOpen(proxy, token);
  podSocket?.write(frame.subarray(0, 5));
  await until(() => finished.received().length === 5);
  proxy.routes.change(SESSION, { closed: true, endReason: "Expired" });
  podSocket?.write(Buffer.concat([frame.subarray(5), frame]));
  await until(() => finished.socket.readableEnded || finished.socket.destroyed, 4000);
  const bytes = finished.received();
  assert.equal(bytes.subarray(0, 12).equals(frame), true);
  assert.deepEqual([...bytes.subarray(12, 16)], [0x88, 9, 4002 >> 8, 4002 & 0xff]);
  assert.equal(bytes.subarray(16).toString(), "Expired");

  proxy.routes.set(aRoute(pod.port));
  const hard = await rawOpen(proxy, token);
  podSocket?.write(frame.subarray(0, 5));
  await until(() => hard.received().length === 5);
  const startMs = performance.now();
  proxy.routes.change(SESSION, { closed: true });
  await until(() => hard.socket.destroyed || hard.socket.readableEnded);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs >= 200 && tookMs < 1500, `${tookMs} ms`);
  assert.equal(hard.received().length, 5);
  await until(() => proxy.server.streams.websocket === 0 && pod.openConnections === 0);
});

test("a client that does not answer our Close is closed all the same", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  const mute = await rawOpen(proxy, token);
  proxy.routes.change(SESSION, { closed: true });
  const startMs = performance.now();
  await until(() => proxy.server.streams.websocket === 0, 4000);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs >= 900 && tookMs < 3500, `${tookMs} ms`);
  assert.equal(mute.received()[0], 0x88);
  assert.equal(pod.openConnections, 0);
});

test("while the handshake is under way a cut ends it", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  pod.onUpgrade = (_request, socket) => void socket.resume().on("end", () => socket.end());
  const client = new Client(proxy.port, bearer(token));
  await until(() => pod.connections === 1);
  assert.equal(proxy.server.streams.websocket, 1);
  proxy.routes.change(SESSION, { closed: true });
  await client.closed;
  await until(() => pod.openConnections === 0 && proxy.server.streams.websocket === 0);
});

test("starting: a handshake is held until the session is ready", async (t) => {
  const { proxy, token } = await setUp(t, { limits: { holdMs: 300 } });
  proxy.routes.change(SESSION, { phase: "Provisioning" });
  const late = new Client(proxy.port, bearer(token));
  await late.closed;
  assert.equal(late.status, 503);
  const client = new Client(proxy.port, bearer(token));
  await systemClock.sleep(50);
  proxy.routes.change(SESSION, { phase: "Ready" });
  await client.opened;
  client.socket.terminate();
});

test("limits: WebSockets of a session, a user and the process", async (t) => {
  for (const limits of [{ websocketsPerSession: 2 }, { websocketsPerUser: 2 }, { websocketsPerReplica: 2 }]) {
    const { proxy, token } = await setUp(t, { limits });
    const clients = [new Client(proxy.port, bearer(token)), new Client(proxy.port, bearer(token))];
    await Promise.all(clients.map((client) => client.opened));
    const third = new Client(proxy.port, bearer(token));
    await third.closed;
    assert.equal(third.status, 429, JSON.stringify(limits));
    clients[0]?.socket.terminate();
    await until(() => proxy.server.streams.websocket === 1);
    const fourth = new Client(proxy.port, bearer(token));
    await fourth.opened;
    for (const client of [...clients, fourth]) client.socket.terminate();
  }
});

test("back pressure: a client that does not read stops the pod, not the proxy's memory", async (t) => {
  const { proxy, pod, token } = await setUp(t);
  const slow = await rawOpen(proxy, token);
  slow.socket.pause();
  const [podSocket] = pod.webSockets.clients;
  const message = Buffer.alloc(1_000_000);
  for (let index = 0; index < 100; index++) podSocket?.send(message);
  await systemClock.sleep(500);
  assert.ok((podSocket?.bufferedAmount ?? 0) > 50_000_000, `${podSocket?.bufferedAmount} bytes are still with the pod`);
  slow.socket.resume();
  await until(() => slow.received().length >= 100 * 1_000_000, 20_000);
  slow.socket.destroy();
});
