import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite, test } from "node:test";
import { isNotFound, NAMESPACES, SESSIONS, silentLogger, type KubeClient } from "@carrel/kube";
import { connectMessaging, inboxPrefix, type Messaging } from "@carrel/messaging";
import { eventually, startNatsServer, type NatsServer } from "@carrel/testkit";
import { startReaperBench, type ReaperBench } from "./support/reaper-bench.ts";

/** Ends a session and waits until nothing of it is left. */
async function endSession(bench: ReaperBench): Promise<string> {
  const { session, namespace } = await bench.standingSession();
  await bench.end(session);
  await untilEnded(bench.client, session.metadata.name);
  await assert.rejects(bench.client.get(NAMESPACES, namespace.metadata.name), isNotFound);
  return session.metadata.name;
}

async function untilEnded(client: KubeClient, name: string): Promise<void> {
  const ended = async (): Promise<void> => assert.equal((await client.get(SESSIONS, name)).status?.phase, "Ended");
  await eventually(ended, { timeoutMs: 30_000 });
}

/** A tenant's backend, and the subjects of what it has heard. */
async function listen(nats: NatsServer): Promise<{ readonly backend: Messaging; readonly heard: readonly string[] }> {
  const { user, pass } = nats.credentials("acme");
  const backend = await connectMessaging({
    servers: [nats.url],
    credentials: { user, password: pass },
    name: "backend",
    inboxPrefix: inboxPrefix("acme"),
    logger: silentLogger,
  });
  const heard: string[] = [];
  const events = backend.events("carrel.v1.evt.acme.>");
  await events.ready;
  void (async () => {
    for await (const event of events) if (event.type === "event") heard.push(event.subject);
  })();
  return { backend, heard };
}

suite("events of the reaper", { timeout: 180_000 }, () => {
  test("come back when NATS, which refused its credentials, takes them; sessions end meanwhile", async (t) => {
    await using nats = await startNatsServer({ accounts: { tenants: ["acme"] } });
    const directory = await mkdtemp(path.join(tmpdir(), "reaper-events-"));
    t.after(() => rm(directory, { recursive: true }));
    const passwordFile = path.join(directory, "password");
    await writeFile(passwordFile, "not the password");
    await using bench = await startReaperBench(t, {
      CARREL_NATS_SERVERS: nats.url,
      CARREL_NATS_USER: "reaper",
      CARREL_NATS_PASSWORD_FILE: passwordFile,
    });
    const { backend, heard } = await listen(nats);
    await using _ = backend;
    await eventually(() => assert.match(bench.reaper.log(), /NATS is not connected/));
    await endSession(bench);
    assert.deepEqual(heard, []);

    await writeFile(passwordFile, nats.credentials("reaper").pass);
    await eventually(() => assert.match(bench.reaper.log(), /connected to NATS/), { timeoutMs: 30_000 });
    const name = await endSession(bench);
    const both = ["ending", "ended"].map((event) => `carrel.v1.evt.acme.session.${name}.${event}`);
    await eventually(() => assert.deepEqual(heard, both));

    // The credentials are changed on both sides while it is connected: closed for good, and connected anew.
    await writeFile(passwordFile, "not the password");
    await nats.restart();
    await eventually(() => assert.match(bench.reaper.log(), /NATS closed the connection/), { timeoutMs: 30_000 });
    await writeFile(passwordFile, nats.credentials("reaper").pass);
    const connections = (): number => bench.reaper.log().match(/"connected to NATS"/g)?.length ?? 0;
    await eventually(() => assert.equal(connections(), 2), { timeoutMs: 60_000 });
  });
});
