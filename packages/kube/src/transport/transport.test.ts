import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { systemClock } from "@carrel/std";
import { type ClientMetrics, createClientMetrics } from "../client/client-metrics.ts";
import { LANES } from "./connection-pools.ts";
import { Transport, type TransportRequest } from "./transport.ts";
import { isUnsent, TransportError } from "./transport-error.ts";

/** How a server on the way misbehaves is HTTP, not Kubernetes: these are plain servers. */
type Handler = (request: IncomingMessage, response: ServerResponse, number: number) => void;

async function serve(t: TestContext, handler: Handler, maxAnswerBytes = 1024 * 1024) {
  const sockets = new Set<Socket>();
  let requests = 0;
  let connections = 0;
  const server = createServer((request, response) => handler(request, response, ++requests));
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const transport = connect(t, port, maxAnswerBytes);
  return { transport, port, sockets, requests: () => requests, connections: () => connections };
}

function connect(
  t: TestContext,
  port: number,
  maxAnswerBytes = 1024,
  metrics: ClientMetrics = createClientMetrics(),
): Transport {
  const config = { server: `http://127.0.0.1:${port}/prefix`, namespace: "default" };
  const transport = new Transport(config, {
    clock: systemClock,
    metrics,
    userAgent: "carrel-test/1",
    maxAnswerBytes,
  });
  t.after(() => transport[Symbol.asyncDispose]());
  return transport;
}

function request(more: Partial<TransportRequest> = {}): TransportRequest {
  const labels = { verb: "get", resource: "tests" };
  return { method: "GET", path: "/x?secret=1", lane: "calls", accept: "*/*", timeoutMs: 5_000, labels, ...more };
}

async function failure(call: Promise<unknown>): Promise<TransportError> {
  const error: unknown = await call.then(
    () => assert.fail("it did not fail"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TransportError, String(error));
  assert.doesNotMatch(error.message, /secret/);
  return error;
}

test("calls go to the server's prefix, with a user agent, over kept connections", async (t) => {
  const seen: string[] = [];
  const { transport, connections } = await serve(t, (incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers["user-agent"]}`);
    response.end("fine");
  });
  const answer = await transport.call(request());
  assert.deepEqual([answer.status, answer.body.toString()], [200, "fine"]);
  for (let i = 0; i < 20; i++) await transport.call(request({ method: "DELETE", body: Buffer.from("{}") }));
  assert.equal(seen[0], "GET /prefix/x?secret=1 carrel-test/1");
  // Two: undici takes a connection for busy until a moment after its answer.
  assert.ok(connections() <= 2, `${connections()} connections; a DELETE with a body must not cost one each`);
});

test("429 and 503 with Retry-After are sent again, also writes", async (t) => {
  const { transport, requests } = await serve(t, (_incoming, response, number) => {
    if (number < 3) response.writeHead(number === 1 ? 429 : 503, { "retry-after": "0" }).end();
    else response.writeHead(201).end("made");
  });
  const answer = await transport.call(request({ method: "POST", body: Buffer.from("{}") }));
  assert.deepEqual([answer.status, requests()], [201, 3]);
});

test("a wait that does not fit into the deadline is not begun: the refusal is the answer", async (t) => {
  const { transport, requests } = await serve(t, (_incoming, response) => {
    response.writeHead(429, { "retry-after": "5" }).end();
  });
  const startedAt = performance.now();
  assert.equal((await transport.call(request({ timeoutMs: 1_000 }))).status, 429);
  assert.ok(performance.now() - startedAt < 500);
  assert.equal(requests(), 1);
});

test("an abort ends the wait for a retry, unsent", async (t) => {
  const { transport } = await serve(t, (_incoming, response) => {
    response.writeHead(429, { "retry-after": "3" }).end();
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("enough")), 50);
  const error = await failure(transport.call(request({ timeoutMs: 10_000, signal: controller.signal })));
  assert.deepEqual([error.code, error.sent], ["KUBE_ABORTED", false]);
});

test("other refusals are answers and sent once", async (t) => {
  for (const status of [400, 404, 409, 429, 500, 503]) {
    const { transport, requests } = await serve(t, (_incoming, response) => response.writeHead(status).end());
    assert.equal((await transport.call(request())).status, status);
    assert.equal(requests(), 1);
  }
});

test("nobody listens: unreachable, unsent, at once", async (t) => {
  const probe = createTcpServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const error = await failure(connect(t, port).call(request()));
  assert.deepEqual([error.code, error.sent, error.retryable], ["KUBE_UNREACHABLE", false, true]);
  assert.match(error.message, /ECONNREFUSED; the request was not sent/);
  assert.ok(isUnsent(error));
});

test("a connection lost before, or within, the answer: sent", async (t) => {
  const early = await serve(t, (incoming) => incoming.socket.destroy());
  const first = await failure(early.transport.call(request({ method: "POST", body: Buffer.from("{}") })));
  assert.deepEqual([first.code, first.sent, isUnsent(first)], ["KUBE_CONNECTION_LOST", true, false]);
  assert.equal(early.requests(), 1, "never repeated behind the caller's back");

  const late = await serve(t, (incoming, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("part", () => incoming.socket.destroy());
  });
  const second = await failure(late.transport.call(request()));
  assert.deepEqual([second.code, second.sent], ["KUBE_CONNECTION_LOST", true]);

  const last = await serve(t, (incoming, response) => {
    response.writeHead(200, { connection: "close" });
    response.write("part", () => incoming.socket.end());
  });
  const third = await failure(last.transport.call(request()));
  assert.deepEqual([third.code, third.sent], ["KUBE_CONNECTION_LOST", true]);
});

test("deadline: sent when the server is silent; the connection is gone with it", async (t) => {
  const { transport, sockets } = await serve(t, () => undefined);
  const startedAt = performance.now();
  const error = await failure(transport.call(request({ timeoutMs: 200 })));
  const tookMs = performance.now() - startedAt;
  assert.deepEqual([error.code, error.sent, error.retryable], ["KUBE_DEADLINE", true, true]);
  assert.match(error.message, /no answer within 200 ms/);
  assert.ok(tookMs >= 199 && tookMs < 1_000, `${tookMs} ms`);
  await closed(sockets);
});

test("deadline: unsent while all connections are taken, and it is not sent afterwards either", async (t) => {
  const paths: (string | undefined)[] = [];
  const waiting: ServerResponse[] = [];
  let hold = true;
  const { transport } = await serve(t, (incoming, response) => {
    paths.push(incoming.url);
    if (hold) waiting.push(response);
    else response.end();
  });
  const taken = Array.from({ length: LANES.leases.connections }, () => transport.call(request({ lane: "leases" })));
  const error = await failure(transport.call(request({ lane: "leases", path: "/late", timeoutMs: 150 })));
  assert.deepEqual([error.code, error.sent], ["KUBE_DEADLINE", false]);
  hold = false;
  for (const response of waiting) response.end();
  await Promise.all(taken);
  await transport.call(request({ lane: "leases" }));
  assert.ok(!paths.includes("/prefix/late"));
});

test("lanes do not starve each other", async (t) => {
  const { transport } = await serve(t, (incoming, response) => {
    if (incoming.url === "/prefix/quick") response.end("ok");
  });
  const controller = new AbortController();
  const hanging = Array.from({ length: LANES.calls.connections + 20 }, () =>
    failure(transport.call(request({ signal: controller.signal }))),
  );
  await systemClock.sleep(50);
  const renewed = await transport.call(request({ lane: "leases", path: "/quick", timeoutMs: 1_000 }));
  assert.equal(renewed.body.toString(), "ok");
  controller.abort();
  await Promise.all(hanging);
});

test("too many at once are refused, unsent, rather than queued without end", async (t) => {
  const { transport } = await serve(t, () => undefined);
  const controller = new AbortController();
  const accepted = Array.from({ length: LANES.leases.maxInFlight }, () =>
    failure(transport.call(request({ lane: "leases", signal: controller.signal }))),
  );
  await systemClock.sleep(10);
  const error = await failure(transport.call(request({ lane: "leases" })));
  assert.deepEqual([error.code, error.sent, error.retryable], ["KUBE_OVERLOADED", false, true]);
  controller.abort();
  assert.deepEqual(new Set((await Promise.all(accepted)).map(({ code }) => code)), new Set(["KUBE_ABORTED"]));
});

test("an answer longer than the limit is cut off there", async (t) => {
  let written = 0;
  const { transport, sockets } = await serve(
    t,
    (_incoming, response) => {
      const more = (): void => {
        written += 65_536;
        if (!response.destroyed && written < 512 * 1024 * 1024) response.write(Buffer.alloc(65_536), more);
      };
      more();
    },
    100_000,
  );
  const error = await failure(transport.call(request()));
  assert.deepEqual([error.code, error.sent, error.retryable], ["KUBE_BAD_ANSWER", true, false]);
  assert.ok(written < 16 * 1024 * 1024, `${written} bytes`);
  await closed(sockets);
});

test("what is not HTTP is a bad answer whose bytes appear nowhere", async (t) => {
  const server = createTcpServer((socket) => socket.on("error", () => undefined).end("hunter2 hunter2\r\n\r\n"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const error = await failure(connect(t, (server.address() as AddressInfo).port).call(request()));
  assert.equal(error.code, "KUBE_BAD_ANSWER");
  assert.equal(error.cause, undefined);
});

test("an abort in the middle of a stream is prompt, and leaves no socket and no listener", async (t) => {
  const { transport, sockets } = await serve(t, (_incoming, response) => {
    response.writeHead(200);
    response.write("piece");
  });
  const controller = new AbortController();
  const { signal } = controller;
  {
    using stream = await transport.open(request({ lane: "watches", lifetimeMs: 60_000, signal }));
    assert.equal(String(await stream.read()), "piece");
    assert.equal(getEventListeners(signal, "abort").length, 1);
    const pending = failure(stream.read());
    const abortedAt = performance.now();
    controller.abort(new Error("enough"));
    assert.deepEqual([(await pending).code, (await pending).cause], ["KUBE_ABORTED", signal.reason]);
    assert.ok(performance.now() - abortedAt < 100);
  }
  assert.equal(getEventListeners(signal, "abort").length, 0);
  await closed(sockets);
});

test("a stream that is left early closes its connection", async (t) => {
  const { transport, sockets } = await serve(t, (_incoming, response) => void response.writeHead(200).write("piece"));
  {
    using stream = await transport.open(request({ lane: "watches" }));
    await stream.read();
  }
  await closed(sockets);
});

test("a slow reader makes the server wait, and loses nothing", async (t) => {
  const total = 24 * 1024 * 1024;
  let written = 0;
  const { transport } = await serve(t, (_incoming, response) => {
    const more = (): void => {
      if (written >= total) return void response.end();
      written += 65_536;
      response.write(Buffer.alloc(65_536), more);
    };
    more();
  });
  using stream = await transport.open(request({ lane: "watches" }));
  await systemClock.sleep(300);
  assert.ok(written < total, `all ${total} bytes were taken in`);
  let read = 0;
  for (let chunk = await stream.read(); chunk !== undefined; chunk = await stream.read()) read += chunk.length;
  assert.equal(read, total);
});

test("a stream has a deadline for its head and another one for its life", async (t) => {
  const silent = await serve(t, () => undefined);
  const noHead = await failure(silent.transport.open(request({ lane: "watches", timeoutMs: 100 })));
  assert.equal(noHead.code, "KUBE_DEADLINE");
  const quiet = await serve(t, (_incoming, response) => response.writeHead(200).flushHeaders());
  using stream = await quiet.transport.open(request({ lane: "watches", timeoutMs: 150, lifetimeMs: 400 }));
  const startedAt = performance.now();
  const over = await failure(stream.read());
  assert.equal(over.code, "KUBE_DEADLINE");
  assert.ok(performance.now() - startedAt > 300, "the first deadline ended the stream");
});

test("each request is counted by verb, resource and code, each retry by its reason", async (t) => {
  const { port } = await serve(t, (_incoming, response, number) => {
    if (number === 1) response.writeHead(429, { "retry-after": "0" }).end();
    else if (number === 2) response.writeHead(404).end();
  });
  const counted: string[] = [];
  const counter = (name: string) => ({
    add: (value: number, labels = {}) => void counted.push(`${name} ${value} ${Object.values(labels).join(" ")}`),
  });
  const metrics = {
    ...createClientMetrics(),
    requests: counter("request"),
    retries: counter("retry"),
    requestDuration: { record: (seconds: number) => void counted.push(seconds < 5 ? "duration" : "wrong unit") },
  };
  const transport = connect(t, port, 1024, metrics);
  await transport.call(request());
  await failure(transport.call(request({ timeoutMs: 50 })));
  assert.deepEqual(counted, [
    "request 1 get tests 429",
    "duration",
    "retry 1 get tests retry_after",
    "request 1 get tests 404",
    "duration",
    "request 1 get tests KUBE_DEADLINE",
    "duration",
  ]);
});

test("calls leave no listener on a signal that outlives them", async (t) => {
  const { transport } = await serve(t, (_incoming, response) => response.end("ok"));
  const { signal } = new AbortController();
  for (let i = 0; i < 100; i++) await transport.call(request({ signal }));
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("disposing ends everything under way, and nothing can be begun after it", async (t) => {
  const { transport, sockets } = await serve(t, (incoming, response) => {
    if (incoming.url === "/prefix/stream") response.writeHead(200).flushHeaders();
  });
  const call = failure(transport.call(request()));
  using stream = await transport.open(request({ lane: "watches", path: "/stream" }));
  const read = failure(stream.read());
  await transport[Symbol.asyncDispose]();
  assert.deepEqual([(await call).code, (await read).code], ["KUBE_CLOSED", "KUBE_CLOSED"]);
  assert.equal((await failure(transport.call(request()))).code, "KUBE_CLOSED");
  await closed(sockets);
});

/** A destroyed socket is seen by the server a moment later. */
async function closed(sockets: ReadonlySet<Socket>): Promise<void> {
  for (let tries = 0; sockets.size > 0; tries++) {
    assert.ok(tries < 100, `${sockets.size} connections are still open`);
    await systemClock.sleep(10);
  }
}
