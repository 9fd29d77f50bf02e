import assert from "node:assert/strict";
import { get, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { systemClock } from "@carrel/std";
import { WebSocket } from "ws";
import { aRoute, DOMAIN, SESSION } from "../testing/a-route.ts";
import { RecordingPod } from "../testing/recording-pod.ts";
import { startProxy, type TestProxy } from "../testing/start-proxy.ts";
import { until } from "../testing/until.ts";

const host = `${SESSION}.${DOMAIN}`;

async function setUp(t: TestContext, options: Parameters<typeof startProxy>[0] = {}) {
  const pod = await RecordingPod.start();
  const proxy = await startProxy(options);
  t.after(async () => {
    await proxy[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });
  proxy.routes.set(aRoute(pod.port));
  const headers = { Host: host, Authorization: `Bearer ${await proxy.mint("session")}` };
  return { proxy, pod, headers };
}

interface Open {
  readonly answer: IncomingMessage;
  readonly text: () => string;
  /** `end` of a whole answer, or `broken`. */
  readonly ended: Promise<"whole" | "broken">;
}

function open(proxy: TestProxy, headers: Record<string, string>, path = "/"): Promise<Open> {
  return new Promise((resolve, reject) => {
    const outgoing = get({ port: proxy.port, host: "127.0.0.1", path, headers, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      const ended = new Promise<"whole" | "broken">((done) => {
        answer.once("end", () => done("whole"));
        answer.once("error", () => done("broken"));
      });
      resolve({ answer, text: () => text, ended });
    });
    outgoing.on("error", reject);
  });
}

/** Makes the pod answer with an event stream; returns what writes to it. */
function streaming(pod: RecordingPod, type = "text/event-stream"): Promise<ServerResponse> {
  return new Promise((resolve) => {
    pod.onRequest = (_request, response) => {
      response.writeHead(200, { "Content-Type": type });
      response.flushHeaders();
      resolve(response);
    };
  });
}

test("events arrive as they are sent, unbuffered", async (t) => {
  const { proxy, pod, headers } = await setUp(t);
  const writer = streaming(pod);
  const client = await open(proxy, { ...headers, Accept: "text/event-stream" });
  assert.equal(client.answer.headers["x-accel-buffering"], "no");
  assert.deepEqual(proxy.server.streams, { http: 0, events: 1, websocket: 0 });
  for (const event of ["data: 1\n\n", ": comment\n\n", "data: 2\n\n"]) {
    (await writer).write(event);
    await until(() => client.text().endsWith(event));
  }
  const gone = new Promise((resolve) => void writer.then((response) => response.once("close", resolve)));
  client.answer.destroy();
  await gone;
  assert.equal(proxy.server.streams.events, 0);
});

test("cut: event streams end, requests in flight are broken off, and nothing passes afterwards", async (t) => {
  const { proxy, pod, headers } = await setUp(t);
  const events = streaming(pod);
  const stream = await open(proxy, { ...headers, Accept: "text/event-stream" });
  const download = streaming(pod, "text/plain");
  const file = await open(proxy, headers);
  (await events).write("data: before\n\n");
  (await download).write("before");
  await until(() => stream.text() !== "" && file.text() !== "");
  proxy.routes.change(SESSION, { closed: true, phase: "Ending", endReason: "Expired" });
  (await events).write("data: after\n\n");
  (await download).write("after");
  assert.equal(await stream.ended, "whole");
  assert.equal(await file.ended, "broken");
  assert.deepEqual([stream.text(), file.text()], ["data: before\n\n", "before"]);
  await until(() => (events as unknown as boolean) && pod.openConnections === 0);
  assert.deepEqual(proxy.server.streams, { http: 0, events: 0, websocket: 0 });
});

test("cut: an upload in flight sends no further byte", async (t) => {
  const { proxy, pod, headers } = await setUp(t);
  pod.onRequest = (request) => void request.resume();
  const client = connect(proxy.port, "127.0.0.1");
  client.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.write(
    `POST / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${headers.Authorization}\r\nContent-Length: 1000000\r\n\r\nbefore`,
  );
  await until(() => pod.received.includes("before"));
  proxy.routes.change(SESSION, { revokedBeforeMs: Date.now() + 5000 });
  client.write("after");
  await closed;
  await until(() => pod.openConnections === 0);
  assert.equal(pod.received.includes("after"), false);
});

test("status stream: says each change, why it ended, and ends", async (t) => {
  const { proxy, pod, headers } = await setUp(t);
  proxy.routes.change(SESSION, { phase: "Queued", reason: "Queued", message: "Place 2 of 5" });
  const client = await open(proxy, { ...headers, Accept: "text/event-stream" }, "/.carrel/status");
  const events = (): { phase: string; usable: boolean; message?: string; reason?: string }[] =>
    [...client.text().matchAll(/event: status\ndata: (.*)\n\n/g)].map((match) => JSON.parse(match[1] ?? ""));
  await until(() => events().length === 1);
  assert.deepEqual([events()[0]?.phase, events()[0]?.usable, events()[0]?.message], ["Queued", false, "Place 2 of 5"]);
  proxy.routes.set(aRoute(pod.port));
  await until(() => events().length === 2);
  assert.deepEqual([events()[1]?.phase, events()[1]?.usable], ["Ready", true]);
  proxy.routes.change(SESSION, { closed: true, phase: "Ending", endReason: "EndedByUser" });
  assert.equal(await client.ended, "whole");
  assert.deepEqual([events().at(-1)?.phase, events().at(-1)?.reason], ["Ending", "EndedByUser"]);
  assert.equal(pod.connections, 0);
});

test("status stream: who may not listen any more hears nothing", async (t) => {
  const { proxy, headers } = await setUp(t);
  const client = await open(proxy, { ...headers, Accept: "text/event-stream" }, "/.carrel/status");
  await until(() => client.text() !== "");
  const before = client.text();
  proxy.routes.change(SESSION, { revokedBeforeMs: Date.now() + 5000 });
  assert.equal(await client.ended, "whole");
  assert.equal(client.text(), before);
});

test("silence: an upload that stops, an answer that stops; event streams may be silent", async (t) => {
  const limits = { requestBodyIdleMs: 1000, responseIdleMs: 1000 };
  const { proxy, pod, headers } = await setUp(t, { limits });
  const events = streaming(pod);
  const stream = await open(proxy, { ...headers, Accept: "text/event-stream" });
  await events;
  const download = streaming(pod, "text/plain");
  const file = await open(proxy, headers);
  (await download).write("some");
  const upload = connect(proxy.port, "127.0.0.1");
  upload.on("error", () => undefined);
  pod.onRequest = (request) => void request.resume();
  const uploadClosed = new Promise<void>((resolve) => upload.once("close", () => resolve()));
  upload.write(
    `POST / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${headers.Authorization}\r\nContent-Length: 100\r\n\r\nsome`,
  );
  assert.equal(await file.ended, "broken");
  await uploadClosed;
  (await events).write("data: still here\n\n");
  await until(() => stream.text().includes("still here"));
});

test("drain: 1012 for WebSockets, event streams end whole, requests finish, connections close", async (t) => {
  const { proxy, pod, headers } = await setUp(t, { limits: { drainWebsocketsMs: 300, drainRequestsMs: 3000 } });
  const sockets = Array.from({ length: 20 }, () => new WebSocket(`ws://127.0.0.1:${proxy.port}/`, { headers }));
  const codes = sockets.map((socket) => new Promise<number>((resolve) => socket.once("close", resolve)));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("open", resolve))));
  const events = streaming(pod);
  const stream = await open(proxy, { ...headers, Accept: "text/event-stream" });
  (await events).write("data: half");
  await until(() => stream.text() !== "");
  const slow = streaming(pod, "text/plain");
  const file = await open(proxy, { ...headers, Connection: "keep-alive" });
  (await slow).write("first ");
  await until(() => file.text() !== "");
  proxy.routes.set(aRoute(pod.port, { session: "sbbbbbbbbbbbbbbbbbbbb", phase: "Queued" }));
  const token = await proxy.mint("session", { session: "sbbbbbbbbbbbbbbbbbbbb" });
  const held = open(proxy, { Host: `sbbbbbbbbbbbbbbbbbbbb.${DOMAIN}`, Authorization: `Bearer ${token}` });
  await systemClock.sleep(100);

  const startMs = performance.now();
  const drained = proxy.server.drain();
  assert.equal((await held).answer.statusCode, 503);
  (await events).write(" event\n\ndata: next");
  await systemClock.sleep(500);
  (await slow).end("last");
  assert.equal(await file.ended, "whole");
  assert.equal(file.text(), "first last");
  assert.equal(await stream.ended, "whole");
  assert.match(stream.text(), /^data: half event\n\n/);
  assert.deepEqual(new Set(await Promise.all(codes)), new Set([1012]));
  await drained;
  assert.ok(performance.now() - startMs < 3000);
  assert.deepEqual(proxy.server.streams, { http: 0, events: 0, websocket: 0 });
  await assert.rejects(open(proxy, headers), /ECONNREFUSED/);
});

test("drain: what does not finish in time is destroyed", async (t) => {
  const { proxy, pod, headers } = await setUp(t, { limits: { drainWebsocketsMs: 100, drainRequestsMs: 500 } });
  const slow = streaming(pod, "text/plain");
  const file = await open(proxy, headers);
  (await slow).write("never ends");
  await until(() => file.text() !== "");
  await proxy.server.drain();
  assert.equal(await file.ended, "broken");
});

test("after thousands of aborted requests and WebSockets nothing is left open", async (t) => {
  const { proxy, pod, headers } = await setUp(t, { limits: { requestsPerSecondPerSession: 100_000 } });
  pod.onRequest = (_request, response) => void response.write("x");
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 25 }, async (_, index) => {
        if (index % 2 === 0) {
          const client = await open(proxy, headers);
          client.ended.catch(() => undefined);
          client.answer.destroy();
          return;
        }
        const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/`, { headers });
        socket.on("error", () => undefined);
        await new Promise((resolve) => socket.once("open", resolve));
        socket.terminate();
      }),
    );
  }
  await until(() => {
    const { http, events, websocket } = proxy.server.streams;
    return http + events + websocket === 0;
  });
  await until(() => pod.openConnections === 0, 8000);
});
