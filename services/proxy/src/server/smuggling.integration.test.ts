import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { aRoute, DOMAIN, SESSION } from "../testing/a-route.ts";
import { rawExchange } from "../testing/raw-exchange.ts";
import { RecordingPod } from "../testing/recording-pod.ts";
import { startProxy, type TestProxy } from "../testing/start-proxy.ts";

const host = `${SESSION}.${DOMAIN}`;

async function setUp(t: TestContext): Promise<{ proxy: TestProxy; pod: RecordingPod; auth: string }> {
  const pod = await RecordingPod.start();
  const proxy = await startProxy();
  t.after(async () => {
    await proxy[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });
  proxy.routes.set(aRoute(pod.port));
  return { proxy, pod, auth: `Authorization: Bearer ${await proxy.mint("session")}\r\n` };
}

test("framing that two servers may read differently reaches no pod", async (t) => {
  const { proxy, pod, auth } = await setUp(t);
  const h = `Host: ${host}\r\n`;
  const smuggled = `GET /smuggled HTTP/1.1\r\n${h}${auth}\r\n`;
  const cases: [string, number, string][] = [
    [
      "CL and TE",
      400,
      `POST / HTTP/1.1\r\n${h}${auth}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ["two CL", 400, `POST / HTTP/1.1\r\n${h}${auth}Content-Length: 0\r\nContent-Length: 40\r\n\r\n${smuggled}`],
    ["CL list", 400, `POST / HTTP/1.1\r\n${h}${auth}Content-Length: 0, 0\r\n\r\n${smuggled}`],
    ["CL with sign", 400, `POST / HTTP/1.1\r\n${h}${auth}Content-Length: +2\r\n\r\n{}${smuggled}`],
    ["TE gzip, chunked", 501, `POST / HTTP/1.1\r\n${h}${auth}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    [
      "TE chunked, identity",
      400,
      `POST / HTTP/1.1\r\n${h}${auth}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    ],
    [
      "TE twice",
      400,
      `POST / HTTP/1.1\r\n${h}${auth}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["TE with tab", 400, `POST / HTTP/1.1\r\n${h}${auth}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n`],
    ["TE on 1.0", 400, `POST / HTTP/1.0\r\n${h}${auth}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["space before colon", 400, `POST / HTTP/1.1\r\n${h}${auth}Content-Length : 2\r\n\r\n{}`],
    ["folded header", 400, `GET / HTTP/1.1\r\n${h}${auth}X-A: b\r\n c\r\n\r\n`],
    ["bare LF", 400, `GET / HTTP/1.1\nHost: ${host}\n\n`],
    ["bare CR", 400, `GET / HTTP/1.1\r\n${h}${auth}X-A: b\rX-B: c\r\n\r\n`],
    ["NUL", 400, `GET / HTTP/1.1\r\n${h}${auth}X-A: b\0c\r\n\r\n`],
    ["space in target", 400, `GET /a b HTTP/1.1\r\n${h}${auth}\r\n`],
    ["no Host", 400, `GET / HTTP/1.1\r\n${auth}\r\n`],
    ["no Host on 1.0", 400, `GET / HTTP/1.0\r\n${auth}\r\n`],
    ["two Hosts", 400, `GET / HTTP/1.1\r\n${h}Host: other\r\n${auth}\r\n`],
    ["two Authorizations", 400, `GET / HTTP/1.1\r\n${h}${auth}Authorization: Basic x\r\n\r\n`],
    ["absolute target", 400, `GET http://${host}/ HTTP/1.1\r\n${h}${auth}\r\n`],
    ["absolute target elsewhere", 400, `GET http://127.0.0.1:${pod.port}/ HTTP/1.1\r\n${h}${auth}\r\n`],
    ["OPTIONS *", 400, `OPTIONS * HTTP/1.1\r\n${h}${auth}\r\n`],
    ["TRACE", 405, `TRACE / HTTP/1.1\r\n${h}${auth}\r\n`],
    ["unknown method", 400, `SMUGGLE / HTTP/1.1\r\n${h}${auth}\r\n`],
    ["fragment", 400, `GET /a#b HTTP/1.1\r\n${h}${auth}\r\n`],
    ["backslash", 400, `GET /\\evil HTTP/1.1\r\n${h}${auth}\r\n`],
    [
      "chunk size with sign",
      400,
      `POST / HTTP/1.1\r\n${h}${auth}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n`,
    ],
    ["our own Via", 508, `GET / HTTP/1.1\r\n${h}${auth}Via: 1.1 carrel\r\n\r\n`],
    ["HTTP/2 preface", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["TLS hello", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["large head", 431, `GET / HTTP/1.1\r\n${h}${auth}X-A: ${"a".repeat(33_000)}\r\n\r\n`],
    ["too many headers", 431, `GET / HTTP/1.1\r\n${h}${auth}${"X-A: b\r\n".repeat(250)}\r\n`],
  ];
  for (const [name, status, bytes] of cases) {
    pod.forget();
    const answer = await rawExchange(proxy.port, bytes, 1000);
    // A body is read only after the request was accepted: then the request is broken off instead.
    if (name.startsWith("chunk size")) assert.ok(answer.status === 400 || answer.closed, name);
    else assert.equal(answer.status, status, `${name}: ${answer.text.slice(0, 80)}`);
    assert.equal(answer.closed, true, `${name} leaves the connection open`);
    assert.equal(pod.received.includes("smuggled"), false, name);
    if (!name.startsWith("chunk size")) assert.equal(pod.connections, 0, name);
  }
});

test("what is clear is passed on in one framing", async (t) => {
  const { proxy, pod, auth } = await setUp(t);
  const close = "Connection: close\r\n";
  const extensions = await rawExchange(
    proxy.port,
    `POST /a HTTP/1.1\r\nHost: ${host}\r\n${auth}${close}Transfer-Encoding: Chunked\r\nTrailer: X-Carrel-User\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-Carrel-User: eve\r\n\r\n`,
  );
  assert.equal(extensions.status, 200);
  const sent = pod.received.toString("latin1");
  assert.match(
    sent,
    /\r\ncontent-length: 5\r\n\r\nhello$|\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/,
  );
  assert.equal(/eve|a=b|trailer/i.test(sent), false);
  assert.match(sent, /connection: close\r\n/, "its connection is not used again");
  pod.forget();
  const slashes = await rawExchange(
    proxy.port,
    `GET //a/../b/./c%2F?d HTTP/1.1\r\nHost: ${host}\r\n${auth}${close}\r\n`,
  );
  assert.equal(slashes.status, 200);
  assert.match(pod.received.toString("latin1"), /^GET \/\/a\/\.\.\/b\/\.\/c%2F\?d HTTP\/1\.1\r\n/);
});

test("requests behind each other on one connection are each decided alone", async (t) => {
  const { proxy, pod, auth } = await setUp(t);
  const one = (headers: string, path: string) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`;
  const answer = await rawExchange(
    proxy.port,
    one(auth, "/1") + one("", "/2") + one(auth + "Connection: close\r\n", "/3"),
    2000,
  );
  assert.deepEqual(answer.text.match(/HTTP\/1\.1 \d{3}/g), ["HTTP/1.1 200", "HTTP/1.1 401", "HTTP/1.1 200"]);
  assert.equal(pod.received.includes("GET /2"), false);
});

test("a chunked DELETE keeps its body: a lenient pod sees one request", async (t) => {
  // The attack: an engine that sends this as `content-length: 0` lets the body be the next request (GHSA-ggv3-7p47-pfv8).
  const { proxy, auth } = await setUp(t);
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const lenient = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      // All of the body is here: its last chunk, or its last byte.
      if (/(0\r\n\r\n|Host: x\r\n\r\n)$/.test(Buffer.concat(chunks).toString("latin1")))
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  await new Promise<void>((resolve) => lenient.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    lenient.close();
  });
  const { port } = lenient.address() as { port: number };
  proxy.routes.set(aRoute(port, { pod: { uid: "lenient", address: "127.0.0.1" } }));
  const smuggled = `GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`;
  for (const method of ["DELETE", "OPTIONS", "GET"]) {
    chunks.length = 0;
    const size = smuggled.length.toString(16);
    const answer = await rawExchange(
      proxy.port,
      `${method} / HTTP/1.1\r\nHost: ${host}\r\n${auth}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${smuggled}\r\n0\r\n\r\n`,
      2000,
    );
    assert.equal(answer.status, 200, method);
    const sent = Buffer.concat(chunks).toString("latin1");
    const end = sent.indexOf("\r\n\r\n");
    const [head, body] = [sent.slice(0, end), sent.slice(end + 4)];
    const sized = new RegExp(`content-length: ${smuggled.length}$`, "i").test(head) && body === smuggled;
    const chunked = /transfer-encoding: chunked$/i.test(head) && body === `${size}\r\n${smuggled}\r\n0\r\n\r\n`;
    assert.equal(sized || chunked, true, sent);
    assert.match(head, /\r\nconnection: close\r\n/i, "its connection is not used again");
  }
});

test("an answer that a pod splits is not two answers", async (t) => {
  const { proxy, pod, auth } = await setUp(t);
  const get = `GET / HTTP/1.1\r\nHost: ${host}\r\n${auth}\r\n`;
  for (const framing of [
    "Content-Length: 2\r\nContent-Length: 40",
    "Content-Length: 2\r\nTransfer-Encoding: chunked",
  ]) {
    pod.onRequest = (request) =>
      request.socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\nokHTTP/1.1 200 OK\r\nX-Evil: 1\r\n\r\n`);
    const answer = await rawExchange(proxy.port, get, 700);
    assert.equal(answer.status, 502, framing);
    assert.equal(answer.text.includes("X-Evil"), false, framing);
  }
  pod.onRequest = (request) =>
    request.socket.write(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    );
  const answer = await rawExchange(proxy.port, get + get, 1500);
  assert.equal(answer.text.includes("evil"), false, "what follows an answer belongs to nobody");
});
