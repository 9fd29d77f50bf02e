import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { type NatsConnection, type NodeConnectionOptions, connect } from "@nats-io/transport-node";
import { eventually } from "../eventually.ts";
import { startNatsServer } from "./start-nats-server.ts";
import type { NatsServer } from "./nats-server.ts";

async function client(
  server: NatsServer,
  options: NodeConnectionOptions = {},
): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connect({
    servers: server.url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 20,
    ...options,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

test("it is the pinned nats-server, and leaves nothing when disposed", async () => {
  let pid: number;
  {
    await using server = await startNatsServer();
    await using connection = await client(server);
    pid = server.pid;
    assert.equal(connection.info?.version, "2.15.2");
    assert.equal(connection.info?.jetstream ?? false, false);
  }
  assert.equal(existsSync(`/proc/${pid}`), false);
});

test("a tenant reaches the provisioner, and nothing of another tenant", async () => {
  await using server = await startNatsServer({ accounts: { tenants: ["acme", "globex"] } });
  await using provisioner = await client(server, server.credentials("provisioner"));
  await using acme = await client(server, server.credentials("acme"));
  await using globex = await client(server, server.credentials("globex"));

  provisioner.subscribe("carrel.v1.*.session.*", {
    queue: "provisioner",
    callback: (error, message) => void (error ?? message.respond(`answer to ${message.subject}`)),
  });
  await provisioner.flush();
  const answer = await acme.request("carrel.v1.acme.session.create", "{}", { timeout: 2000 });
  assert.equal(answer.string(), "answer to carrel.v1.acme.session.create");

  const refused = /permissions violation/i;
  await assert.rejects(acme.request("carrel.v1.globex.session.create", "{}", { timeout: 500 }), refused);
  for (const subject of ["_INBOX_globex.>", "carrel.v1.evt.globex.>", "carrel.v1.*.session.*", ">"]) {
    const subscription = acme.subscribe(subject);
    await assert.rejects(async () => {
      for await (const message of subscription) assert.fail(`heard ${message.subject}`);
    }, refused);
  }
  // A tenant cannot publish an event, not even one of its own.
  const heard: string[] = [];
  globex.subscribe("carrel.v1.evt.globex.>", { callback: (_error, message) => void heard.push(message.string()) });
  await globex.flush();
  globex.publish("carrel.v1.evt.globex.session.s1.ready", "forged");
  provisioner.publish("carrel.v1.evt.globex.session.s1.ready", "true");
  await eventually(() => assert.deepEqual(heard, ["true"]));

  await assert.rejects(connect({ servers: server.url }), /authorization violation/i);
  assert.throws(
    () => server.credentials("initech"),
    /no user "initech"; it knows provisioner, reaper, proxy, operator, acme/,
  );
});

test("a reply is only possible to a request", async () => {
  await using server = await startNatsServer({ accounts: { tenants: ["acme"] } });
  await using provisioner = await client(server, server.credentials("provisioner"));
  await using acme = await client(server, server.credentials("acme"));
  const heard: string[] = [];
  acme.subscribe("_INBOX_acme.x", { callback: (_error, message) => void heard.push(message.string()) });
  provisioner.subscribe("carrel.v1.*.session.*", { callback: (_error, message) => void message.respond("once") });
  await Promise.all([acme.flush(), provisioner.flush()]);
  // The reaper answers nobody; the provisioner, who answers requests that waited in a stream, has names to name.
  await using reaper = await client(server, server.credentials("reaper"));
  reaper.publish("_INBOX_acme.x", "unasked");
  await reaper.flush();
  acme.publish("carrel.v1.acme.session.get", "{}", { reply: "_INBOX_acme.x" });
  await eventually(() => assert.deepEqual(heard, ["once"]));
});

test("kill cuts connections at once, restart serves them again on the same port", async () => {
  await using server = await startNatsServer({ accounts: { tenants: ["acme"] }, jetstream: true });
  await using connection = await client(server, server.credentials("acme"));
  const seen: string[] = [];
  void (async () => {
    for await (const status of connection.status()) seen.push(status.type);
  })();
  const { url, pid } = server;
  await server.kill();
  await eventually(() => assert.ok(seen.includes("disconnect"), seen.join()));
  await server.restart();
  assert.notEqual(server.pid, pid);
  assert.equal(server.url, url);
  await eventually(() => assert.ok(seen.includes("reconnect"), seen.join()));
  await connection.flush();
});

test("frozen it keeps the connection and answers nothing; thawed it goes on", async () => {
  await using server = await startNatsServer();
  await using connection = await client(server);
  await server.freeze();
  const flushed = connection.flush().then(() => "flushed");
  const quiet = new Promise((resolve) => setTimeout(resolve, 300, "quiet"));
  assert.equal(await Promise.race([flushed, quiet]), "quiet");
  assert.equal(connection.isClosed(), false);
  server.thaw();
  assert.equal(await flushed, "flushed");
  await server.freeze();
});

test("lame duck mode is announced to clients, and ends the server", async () => {
  await using server = await startNatsServer();
  await using connection = await client(server, { reconnect: false });
  const seen: string[] = [];
  void (async () => {
    for await (const status of connection.status()) seen.push(status.type);
  })();
  server.lameDuck();
  await eventually(() => assert.ok(seen.includes("ldm"), seen.join()));
  await connection.closed();
});

test("a taken port is named in the error, and nothing stays", async () => {
  await using server = await startNatsServer();
  await assert.rejects(startNatsServer({ port: server.port }), /nats-server-\w+ ended.*address already in use/s);
});

test("it dies with a parent that is killed", async () => {
  const program = `
    const { startNatsServer } = await import(${JSON.stringify(new URL("./start-nats-server.ts", import.meta.url).href)});
    const server = await startNatsServer();
    console.log(server.pid);
    setInterval(() => undefined, 1000);`;
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  assert.ok(existsSync(`/proc/${pid}`));
  parent.kill("SIGKILL");
  await eventually(() => assert.equal(existsSync(`/proc/${pid}`), false));
});
