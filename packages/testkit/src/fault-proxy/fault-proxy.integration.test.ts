import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { adminRequest } from "../control-plane/admin-request.ts";
import { createServiceAccountToken, type ServiceAccountToken } from "../control-plane/service-account-token.ts";
import { sharedControlPlane, type SharedControlPlane } from "../control-plane/shared-control-plane.ts";
import { uniqueName } from "../control-plane/unique-name.ts";
import { eventually } from "../eventually.ts";
import { faults } from "./fault.ts";
import type { FaultProxy } from "./fault-proxy.ts";
import { startFaultProxy } from "./start-fault-proxy.ts";

let account: Promise<ServiceAccountToken> | undefined;

async function proxied(
  t: TestContext,
): Promise<{ controlPlane: SharedControlPlane; proxy: FaultProxy; client: Client }> {
  const controlPlane = await sharedControlPlane();
  const { token } = await (account ??= createServiceAccountToken(controlPlane));
  const { server: target, caPem } = controlPlane;
  const proxy = await startFaultProxy({ target, caPem, token, test: t });
  const client = new Client(proxy);
  t.after(() => client.close());
  t.after(() => proxy[Symbol.asyncDispose]());
  return { controlPlane, proxy, client };
}

/** A client that knows no more than the proxy's kubeconfig. */
class Client {
  readonly agent: Agent;
  readonly #server: string;
  readonly #token: string | undefined;

  constructor({ kubeconfig }: FaultProxy, caPem?: string) {
    const { server, "certificate-authority-data": ca } = kubeconfig.clusters[0].cluster;
    this.#server = server;
    this.#token = kubeconfig.users[0].user.token;
    this.agent = new Agent({ keepAlive: true, ca: caPem ?? Buffer.from(ca, "base64") });
  }

  async open(method: string, path: string, body?: object, timeoutMs = 5000): Promise<IncomingMessage> {
    const payload = body === undefined ? "" : JSON.stringify(body);
    const outgoing = request(new URL(path, this.#server), {
      agent: this.agent,
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        authorization: `Bearer ${this.#token}`,
        "user-agent": "carrel-test/1",
        ...(payload === "" ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
      },
    });
    outgoing.end(payload);
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    // Whoever reads it sees the error; between two reads nobody listens.
    response.on("error", () => undefined);
    return response;
  }

  async send(
    method: string,
    path: string,
    body?: object,
    timeoutMs?: number,
  ): Promise<{ status: number; body: string }> {
    const response = await this.open(method, path, body, timeoutMs);
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  /** Watches the ConfigMaps of a namespace; lines are collected until it ends. */
  async watch(namespace: string, query = ""): Promise<Watch> {
    const path = `/api/v1/namespaces/${namespace}/configmaps?watch=true&allowWatchBookmarks=true${query}`;
    const response = await this.open("GET", path, undefined, 60_000);
    const watch: Watch = { lines: [], ended: undefined };
    const lines = createInterface(response);
    lines.on("line", (line) => {
      if (line.startsWith("{")) watch.lines.push(JSON.parse(line) as WatchLine);
    });
    lines.on("error", () => undefined);
    response.on("end", () => (watch.ended ??= "end"));
    response.on("error", (error) => (watch.ended ??= error.message));
    return watch;
  }

  close(): void {
    this.agent.destroy();
  }
}

interface WatchLine {
  readonly type: string;
  readonly object: { readonly code?: number; readonly metadata: { readonly name?: string } };
}
interface Watch {
  readonly lines: WatchLine[];
  ended: string | undefined;
}

async function makeNamespace(controlPlane: SharedControlPlane): Promise<string> {
  const name = uniqueName("faults");
  await adminRequest(controlPlane, { method: "POST", path: "/api/v1/namespaces", body: { metadata: { name } } });
  return name;
}

async function makeConfigMap(controlPlane: SharedControlPlane, namespace: string, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await adminRequest(controlPlane, { method: "POST", path, body: { metadata: { name } } });
}

/** The lines of a watch without its bookmarks. */
const seen = ({ lines }: Watch): string[] =>
  lines.filter(({ type }) => type !== "BOOKMARK").map(({ type, object }) => `${type} ${object.metadata.name}`);

test("without faults it is a plain way to the API server, and logs what passes", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const big = { metadata: { name: "big" }, data: { text: "é".repeat(200_000) } };
  assert.equal((await client.send("POST", `${path}?fieldManager=me`, big)).status, 201);
  const read = await client.send("GET", `${path}/big`);
  assert.equal((JSON.parse(read.body) as typeof big).data.text, big.data.text);
  assert.equal((await client.send("DELETE", `${path}/big`, { propagationPolicy: "Background" })).status, 200);
  assert.equal((await client.send("GET", `${path}/big`)).status, 404);

  const [post] = proxy.requests({ method: "POST" });
  assert.deepEqual(
    [post?.path, post?.query, post?.userAgent, post?.status, post?.outcome, post?.connection],
    [path, "fieldManager=me", "carrel-test/1", 201, "answered", 1],
  );
  assert.equal(proxy.count(), 4);
  assert.equal(proxy.count({ method: "GET", path: /\/big$/ }), 2);
  assert.deepEqual(proxy.connections, { total: 1, open: 1 });
  const anonymous = await fetchStatus(proxy);
  assert.equal(anonymous, 403);
  proxy.clearRequests();
  assert.equal(proxy.count(), 0);
});

async function fetchStatus(proxy: FaultProxy): Promise<number | undefined> {
  const outgoing = request(new URL("/api/v1/pods", proxy.url), {
    agent: false,
    ca: await readFile(proxy.caPath),
  }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test("a watch is passed on line by line, its head before the first line", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  const watch = await client.watch(namespace);
  await makeConfigMap(controlPlane, namespace, "a");
  await eventually(() => assert.deepEqual(seen(watch), ["ADDED a"]));
  await makeConfigMap(controlPlane, namespace, "b");
  await eventually(() => assert.deepEqual(seen(watch), ["ADDED a", "ADDED b"]));
  assert.equal(proxy.requests({ watch: true })[0]?.outcome, "open");
  client.close();
  await eventually(() => assert.equal(proxy.requests({ watch: true })[0]?.outcome, "left"));
});

test("answers of its own: 429 with Retry-After, 500, 503; nothing reaches the API server", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const rule = proxy.inject({ method: "POST", times: 1 }, faults.tooManyRequests(3));
  proxy.inject({ method: "POST", after: 1, times: 1 }, faults.internalError());
  proxy.inject({ method: "POST", after: 2, times: 1 }, faults.unavailable());
  const statuses: number[] = [];
  for (let tries = 0; tries < 4; tries++) {
    const response = await client.open("POST", path, { metadata: { name: "x" } });
    statuses.push(response.statusCode ?? 0);
    if (tries === 0) assert.equal(response.headers["retry-after"], "3");
    const status = JSON.parse(await text(response)) as { kind: string; code?: number };
    if (tries < 3) assert.deepEqual([status.kind, status.code], ["Status", response.statusCode]);
    if (tries === 2) assert.equal(await stored(controlPlane, `${path}/x`), false);
  }
  assert.deepEqual(statuses, [429, 500, 503, 201]);
  assert.deepEqual([rule.matches, rule.hits], [4, 1]);
});

async function stored(controlPlane: SharedControlPlane, path: string): Promise<boolean> {
  return adminRequest(controlPlane, { method: "GET", path }).then(
    () => true,
    () => false,
  );
}

test("reset before the request: nothing is written; reset after the answer: it is", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  proxy.inject({ method: "POST", times: 1 }, faults.reset());
  await assert.rejects(client.send("POST", path, { metadata: { name: "lost" } }), { code: "ECONNRESET" });
  assert.equal(await stored(controlPlane, `${path}/lost`), false);
  proxy.clear();
  proxy.inject({ method: "POST", times: 1 }, faults.resetAfterAnswer());
  await assert.rejects(client.send("POST", path, { metadata: { name: "kept" } }), { code: "ECONNRESET" });
  assert.equal(await stored(controlPlane, `${path}/kept`), true);
  assert.deepEqual(
    proxy.requests().map(({ status, outcome }) => [status, outcome]),
    [
      [undefined, "reset"],
      [201, "reset"],
    ],
  );
});

test("cut: the client gets exactly so many bytes, then the end of the connection", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const whole = (await client.send("GET", "/api/v1/namespaces")).body;
  for (const bytes of [0, 1, 100, whole.length - 1]) {
    proxy.inject({ times: 1 }, faults.cut(bytes));
    const response = await client.open("GET", "/api/v1/namespaces");
    const chunks: Buffer[] = [];
    const reading = async (): Promise<void> => {
      for await (const chunk of response) chunks.push(chunk as Buffer);
    };
    await assert.rejects(reading, { code: "ECONNRESET" });
    assert.equal(Buffer.concat(chunks).toString(), whole.slice(0, bytes));
  }
  assert.equal((await client.send("GET", "/api/v1/namespaces")).body, whole);
  assert.equal(proxy.connections.open, 1);

  const namespace = await makeNamespace(controlPlane);
  proxy.clear();
  proxy.inject({ watch: true }, faults.cut(10));
  const watch = await client.watch(namespace);
  await makeConfigMap(controlPlane, namespace, "a");
  await eventually(() => assert.notEqual(watch.ended, undefined));
});

test("black hole and freeze: the connection stays, nothing comes; delay: it comes later", async (t) => {
  const { proxy, client } = await proxied(t);
  proxy.inject({ times: 1 }, faults.blackHole());
  await assert.rejects(client.send("GET", "/readyz", undefined, 200), { name: "AbortError" });
  proxy.clear();
  proxy.inject({ times: 1 }, faults.freeze(1));
  const response = await client.open("GET", "/readyz", undefined, 300);
  const start = performance.now();
  const chunks: Buffer[] = [];
  const reading = async (): Promise<void> => {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  };
  await assert.rejects(reading);
  assert.equal(Buffer.concat(chunks).toString(), "o");
  assert.ok(performance.now() - start >= 200, "it is the client that gives up");
  await eventually(() =>
    assert.deepEqual(
      proxy.requests().map(({ outcome }) => outcome),
      ["left", "left"],
    ),
  );
  proxy.clear();
  proxy.inject({ times: 1 }, faults.delay(150));
  const delayed = performance.now();
  assert.equal((await client.send("GET", "/readyz")).body, "ok");
  assert.ok(performance.now() - delayed >= 149);
});

test("gone at connect and in the stream: 200, an ERROR line with code 410, the end", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  proxy.inject({ watch: true, times: 1 }, faults.gone());
  const first = await client.watch(namespace);
  await eventually(() => assert.equal(first.ended, "end"));
  assert.deepEqual(
    first.lines.map(({ type, object }) => [type, object.code]),
    [["ERROR", 410]],
  );
  await makeConfigMap(controlPlane, namespace, "a");
  await makeConfigMap(controlPlane, namespace, "b");
  proxy.inject({ watch: true, times: 1 }, faults.dropBookmarks(), faults.gone(1));
  const second = await client.watch(namespace);
  await eventually(() => assert.equal(second.ended, "end"));
  assert.deepEqual(
    second.lines.map(({ type, object }) => [type, object.code]),
    [
      ["ADDED", undefined],
      ["ERROR", 410],
    ],
  );
});

test("lines of a watch: bookmarks dropped, lines doubled, swapped, late", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  for (const name of ["a", "b", "c"]) await makeConfigMap(controlPlane, namespace, name);
  // A watch list ends its initial events with a bookmark: one that comes at once.
  const query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1";
  const types = async (): Promise<string[]> => {
    const watch = await client.watch(namespace, query);
    await eventually(() => assert.equal(watch.ended, "end"));
    return watch.lines.map(({ type, object }) => `${type} ${object.metadata.name ?? ""}`.trim());
  };
  const rule = (...list: Parameters<FaultProxy["inject"]>[1][]): void => {
    proxy.clear();
    proxy.inject({ watch: true }, ...list);
  };
  const plain = await types();
  assert.deepEqual(plain.slice(0, 4), ["ADDED a", "ADDED b", "ADDED c", "BOOKMARK"]);
  rule(faults.dropBookmarks());
  assert.deepEqual(await types(), ["ADDED a", "ADDED b", "ADDED c"]);
  rule(faults.dropBookmarks(), faults.duplicateLines());
  assert.deepEqual(await types(), ["ADDED a", "ADDED a", "ADDED b", "ADDED b", "ADDED c", "ADDED c"]);
  rule(faults.dropBookmarks(), faults.reorderLines());
  assert.deepEqual(await types(), ["ADDED b", "ADDED a", "ADDED c"]);

  rule(faults.delayLines(400));
  const start = performance.now();
  const watch = await client.watch(namespace, query);
  await eventually(() => assert.ok(watch.lines.length >= 3));
  assert.ok(performance.now() - start >= 399);
});

test("throttled: a list takes as long as its size says", async (t) => {
  const { proxy, client } = await proxied(t);
  const whole = (await client.send("GET", "/api/v1/namespaces")).body;
  proxy.inject({}, faults.throttle(whole.length * 4));
  const start = performance.now();
  assert.equal((await client.send("GET", "/api/v1/namespaces")).body, whole);
  assert.ok(performance.now() - start >= 200);
});

test("the Date of answers is moved", async (t) => {
  const { proxy, client } = await proxied(t);
  proxy.inject({}, faults.date(3_600_000));
  const response = await client.open("GET", "/readyz");
  response.resume();
  const skewMs = Date.parse(response.headers.date ?? "") - Date.now();
  assert.ok(Math.abs(skewMs - 3_600_000) < 5000, `${skewMs} ms`);
});

test("frozen as a whole, open watches too; thawed, nothing is lost", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  const watch = await client.watch(namespace);
  await makeConfigMap(controlPlane, namespace, "a");
  await eventually(() => assert.deepEqual(seen(watch), ["ADDED a"]));
  proxy.freeze();
  await makeConfigMap(controlPlane, namespace, "b");
  await assert.rejects(client.send("GET", "/readyz", undefined, 200), { name: "AbortError" });
  assert.deepEqual(seen(watch), ["ADDED a"]);
  assert.equal(watch.ended, undefined);
  proxy.thaw();
  await eventually(() => assert.deepEqual(seen(watch), ["ADDED a", "ADDED b"]));
  assert.equal((await client.send("GET", "/readyz")).body, "ok");
});

test("connections ended, refused, and accepted again on the same port", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  const watch = await client.watch(namespace);
  proxy.endConnections();
  await eventually(() => assert.notEqual(watch.ended, undefined));
  assert.equal((await client.send("GET", "/readyz")).body, "ok");
  await proxy.refuse();
  // A connection that the client kept may fail once in its own way.
  await eventually(() => assert.rejects(client.send("GET", "/readyz"), { code: "ECONNREFUSED" }));
  await proxy.listen();
  assert.equal((await client.send("GET", "/readyz")).body, "ok");
});

test("another certificate: of the same authority it is trusted, of another one only by who reads it again", async (t) => {
  const { proxy, client } = await proxied(t);
  const serial = async (): Promise<string> => {
    const response = await client.open("GET", "/readyz");
    const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
    assert.equal(await text(response), "ok");
    return serialNumber;
  };
  const first = await serial();
  await proxy.changeCertificate();
  assert.equal(await serial(), first, "an open connection keeps its certificate");
  proxy.endConnections();
  await eventually(async () => assert.notEqual(await serial(), first));
  await proxy.changeCertificate("other");
  proxy.endConnections();
  await eventually(() =>
    assert.rejects(client.send("GET", "/readyz"), { code: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|SIGNATURE/ }),
  );
  const informed = new Client(proxy, await readFile(proxy.caPath, "utf8"));
  t.after(() => informed.close());
  assert.equal((await informed.send("GET", "/readyz")).body, "ok");
});

test("an API server that is down looks like a cut, and comes back", async (t) => {
  const { controlPlane, proxy, client } = await proxied(t);
  const namespace = await makeNamespace(controlPlane);
  const watch = await client.watch(namespace);
  const restarted = controlPlane.restartApiServer({ downMs: 300 });
  await eventually(() => assert.notEqual(watch.ended, undefined));
  await assert.rejects(client.send("GET", "/readyz"), { code: "ECONNRESET" });
  await restarted;
  await eventually(async () => assert.equal((await client.send("GET", "/readyz")).body, "ok"));
  assert.ok(proxy.count() >= 3);
});

test("a failing test prints the seed and the last requests", async () => {
  const controlPlane = await sharedControlPlane();
  const said: string[] = [];
  const hooks: (() => void)[] = [];
  const report = {
    passed: false,
    after: (hook: () => void) => void hooks.push(hook),
    diagnostic: (line: string) => void said.push(line),
  };
  let directory: string;
  {
    await using proxy = await startFaultProxy({
      target: controlPlane.server,
      caPem: controlPlane.caPem,
      seed: 42,
      test: report,
    });
    directory = proxy.caPath;
    await fetchStatus(proxy);
    hooks.forEach((hook) => hook());
  }
  assert.match(said.join(), /fault proxy: seed 42; its last requests:\n  #1 \d+ ms GET \/api\/v1\/pods → 403/);
  assert.equal(existsSync(directory), false);
  report.passed = true;
  hooks.forEach((hook) => hook());
  assert.equal(said.length, 1);
});
