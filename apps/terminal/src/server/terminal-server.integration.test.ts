import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { test } from "node:test";
import { OUTPUT_WINDOW_BYTES } from "../protocol/limits.ts";
import { startTestServer } from "../testing/start-test-server.ts";
import { refusedStatus, TerminalClient } from "../testing/terminal-client.ts";

test("input reaches the shell and output comes back", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port);
  client.type("echo $((6*7)); echo süß\n");
  await client.waitFor(/\r\n42\r\nsüß\r\n/);
  assert.deepEqual(client.messages, [{ type: "attached", id: "1", replayBytes: 0, resumed: false }]);
});

test("the shell has the size that the viewer asks for, and follows it", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port, "?cols=91&rows=33");
  client.type("stty size\n");
  await client.waitFor(/\r\n33 91\r\n/);
  client.send({ type: "resize", cols: 120, rows: 40 });
  client.type("stty size\n");
  await client.waitFor(/\r\n40 120\r\n/);
});

test("a shell survives its socket and shows its history again", async () => {
  await using server = await startTestServer();
  const first = await TerminalClient.connect(server.port, "?id=work");
  first.type("NAME=carrel; echo pid=$$\n");
  const [, pid] = await first.waitFor(/\r\npid=(\d+)/);
  first.vanish();
  await first.closed;

  await using second = await TerminalClient.connect(server.port, "?id=work");
  await second.waitFor(new RegExp(`\r\npid=${pid}\r\n`));
  const [attached] = second.messages;
  assert.ok(attached?.type === "attached" && attached.resumed && attached.replayBytes > 0);
  second.type("echo $NAME-$$\n");
  await second.waitFor(new RegExp(`\r\ncarrel-${pid}\r\n`));
});

test("the history is bounded", async () => {
  await using server = await startTestServer({ scrollbackBytes: 4096 });
  await using first = await TerminalClient.connect(server.port);
  first.type("seq 1 20000; echo done\n");
  await first.waitFor(/\r\ndone\r\n/);
  await using second = await TerminalClient.connect(server.port);
  await second.waitFor(/19999\r\n20000\r\ndone\r\n/);
  const [attached] = second.messages;
  assert.ok(attached?.type === "attached" && attached.replayBytes <= 4096 && attached.replayBytes > 3500);
  assert.match(second.output, /^\d{5}\r\n/);
});

test("viewers of one terminal see the same and both may type", async () => {
  await using server = await startTestServer();
  await using one = await TerminalClient.connect(server.port);
  await using two = await TerminalClient.connect(server.port);
  one.type("echo one-$((1+1))\n");
  await two.waitFor(/one-2/);
  two.type("echo two-$((1+2))\n");
  await one.waitFor(/two-3/);
});

test("a slow viewer stops the shell instead of growing the server, and nothing is lost", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port);
  client.acknowledging = false;
  client.type("stty -onlcr; yes | head -c 50M; echo done\n");
  await settled(client);
  // 50 MiB are 50 times the window; what the shell had already printed when it was stopped comes on top.
  assert.ok(client.receivedBytes >= OUTPUT_WINDOW_BYTES);
  assert.ok(client.receivedBytes < OUTPUT_WINDOW_BYTES + 128 * 1024);

  client.acknowledgeAll();
  await waitUntil(() => client.receivedBytes > 50 * 1024 * 1024, 60_000);
  await client.waitFor(/y\ndone\n/);
  assert.equal(client.output.match(/(?<=\n)y(?=\n)/g)?.length, (50 * 1024 * 1024) / 2);
});

test("input waits for a shell that does not read, none is lost", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port);
  client.type("stty raw -echo; sleep 1.5; head -c 3145728 | md5sum; stty sane\n");
  await setTimeout(300);
  client.clear();
  const line = `${"a".repeat(1023)}\n`;
  for (let sent = 0; sent < 3145728; sent += 32 * 1024) client.type(line.repeat(32));
  const [, sum] = await client.waitFor(/([0-9a-f]{32})/);
  assert.equal(sum, createHash("md5").update(line.repeat(3072)).digest("hex"));
});

test("the end of a shell is told with its code, and the next viewer gets a new one", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port);
  client.type("exit 7\n");
  assert.deepEqual(await client.closed, { code: 1000, reason: "exited" });
  assert.deepEqual(client.messages.at(-1), { type: "exited", exitCode: 7, signal: 0 });
  await using next = await TerminalClient.connect(server.port);
  next.type("echo new\n");
  await next.waitFor(/\r\nnew\r\n/);
  assert.ok(next.messages[0]?.type === "attached" && !next.messages[0].resumed);
});

test("the last output before an exit is not lost", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port);
  client.type("exec bash -c 'seq 1 100000; echo last'\n");
  await client.closed;
  assert.match(client.output, /\r\n100000\r\nlast\r\n$/);
});

test("a viewer may end the shell", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port);
  client.type("echo ready\n");
  await client.waitFor(/\r\nready/);
  client.send({ type: "end" });
  await client.closed;
  assert.ok(client.messages.at(-1)?.type === "exited");
  assert.deepEqual(await list(server.port), { terminals: [], limit: 8 });
});

test("a shell that ignores SIGHUP is killed", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port);
  client.type("exec bash -c 'trap \"\" HUP; echo armed; while :; do sleep 0.1; done'\n");
  await client.waitFor(/\r\narmed/);
  client.send({ type: "end" });
  await client.closed;
  assert.deepEqual(client.messages.at(-1), { type: "exited", exitCode: 0, signal: 9 });
});

test("a detached shell ends after its time", async () => {
  await using server = await startTestServer({ detachedTtlMs: 100 });
  const client = await TerminalClient.connect(server.port);
  client.type("echo up\n");
  await client.waitFor(/\r\nup/);
  client.vanish();
  await waitUntil(async () => ((await list(server.port)) as { terminals: string[] }).terminals.length === 0, 5_000);
});

test("no more terminals and sockets than allowed", async () => {
  await using server = await startTestServer({ maxTerminals: 2, maxSockets: 3 });
  await using one = await TerminalClient.connect(server.port, "?id=a");
  await using two = await TerminalClient.connect(server.port, "?id=b");
  await one.waitFor(/\$ /);
  await two.waitFor(/\$ /);
  const refused = await TerminalClient.connect(server.port, "?id=c");
  assert.deepEqual(await refused.closed, { code: 4100, reason: "too many terminals" });
  await using _three = await TerminalClient.connect(server.port, "?id=a");
  assert.equal(await refusedStatus(server.port, "/ws?id=a"), 503);
  assert.deepEqual(await list(server.port), { terminals: ["a", "b"], limit: 2 });
});

test("other origins, paths and ids are refused before the upgrade", async () => {
  await using server = await startTestServer();
  assert.equal(await refusedStatus(server.port, "/ws", { origin: "https://evil.example" }), 403);
  assert.equal(await refusedStatus(server.port, "/ws", { origin: "null" }), 403);
  assert.equal(await refusedStatus(server.port, "/other"), 404);
  assert.equal(await refusedStatus(server.port, "/ws?id=../x"), 400);
  await using client = await TerminalClient.connect(server.port, "", { origin: `http://127.0.0.1:${server.port}` });
  await client.waitFor(/\$ /);
});

test("unknown and oversized messages close the socket", async () => {
  await using server = await startTestServer();
  await using unknown = await TerminalClient.connect(server.port);
  unknown.sendText('{"type":"reboot"}');
  assert.equal((await unknown.closed).code, 1008);
  await using large = await TerminalClient.connect(server.port);
  large.type("x".repeat(64 * 1024 + 1));
  assert.equal((await large.closed).code, 1009);
});

test("a stop closes sockets with 1012 and ends shells", async () => {
  await using server = await startTestServer();
  await using client = await TerminalClient.connect(server.port);
  client.type("echo pid=$$\n");
  const [, pid] = await client.waitFor(/\r\npid=(\d+)/);
  await server.close();
  assert.equal((await client.closed).code, 1012);
  assert.throws(() => process.kill(Number(pid), 0), { code: "ESRCH" });
});

test("the page and its files, with validators and a policy", async () => {
  await using server = await startTestServer();
  const base = `http://127.0.0.1:${server.port}`;
  const page = await fetch(`${base}/`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-security-policy") ?? "", /script-src 'self';/);
  assert.doesNotMatch(await page.text(), /<script(?![^>]*\bsrc=)/);
  const script = await fetch(`${base}/page.js`, { headers: { "accept-encoding": "br" } });
  assert.equal(script.headers.get("content-encoding"), "br");
  assert.match(await script.text(), /WebSocket/);
  const etag = script.headers.get("etag") ?? "";
  assert.equal((await fetch(`${base}/page.js`, { headers: { "if-none-match": etag } })).status, 304);
  assert.equal(await (await fetch(`${base}/healthz`)).text(), "ok\n");
  assert.equal((await fetch(`${base}/page.js.br`)).status, 404);
  assert.equal((await fetch(`${base}/`, { method: "POST" })).status, 405);
});

async function list(port: number): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${port}/terminals`)).json();
}

/** Waits until nothing has come for half a second. */
async function settled(client: TerminalClient): Promise<void> {
  for (let before = -1; before !== client.receivedBytes; await setTimeout(500)) before = client.receivedBytes;
}

async function waitUntil(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(performance.now() < end, "timed out");
    await setTimeout(20);
  }
}
