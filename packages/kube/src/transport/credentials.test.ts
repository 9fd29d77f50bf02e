import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hasCode } from "@carrel/std";
import { FakeClock } from "../workqueue/testing/fake-clock.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { Credentials } from "./credentials.ts";

async function tokenFile(t: TestContext): Promise<{ path: string; config: ClusterConfig; clock: FakeClock }> {
  const directory = await mkdtemp(join(tmpdir(), "carrel-credentials-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "token");
  await writeFile(path, "one\n");
  const config = { server: "https://127.0.0.1", namespace: "default", token: { file: path } };
  return { path, config, clock: new FakeClock() };
}

test("a token file is read again, once a minute and not more often", async (t) => {
  const { path, config, clock } = await tokenFile(t);
  const credentials = new Credentials(config, clock);
  assert.equal((await credentials.current()).authorization, "Bearer one");

  await writeFile(path, "two");
  await clock.advance(59_000);
  const cached = credentials.current();
  assert.ok(!(cached instanceof Promise), "no file is opened for most calls");
  assert.equal(cached.authorization, "Bearer one");
  await clock.advance(1_000);
  assert.equal((await credentials.current()).authorization, "Bearer two");
});

test("a refusal reads at once, but not for each of many parallel refusals", async (t) => {
  const { path, config, clock } = await tokenFile(t);
  const credentials = new Credentials(config, clock);
  const first = await credentials.current();
  await clock.advance(5_000);

  assert.equal(await credentials.refused(first), false, "the file still says the same");
  await writeFile(path, "two");
  assert.equal(await credentials.refused(first), false, "asked a moment ago");
  await clock.advance(1_000);
  assert.deepEqual(await Promise.all([credentials.refused(first), credentials.refused(first)]), [true, true]);
  assert.equal(await credentials.refused(first), true, "who used the old one may try again");
  assert.equal((await credentials.current()).authorization, "Bearer two");
});

test("an unreadable, empty or unfitting file leaves what worked; at the start it is an error", async (t) => {
  const { path, config, clock } = await tokenFile(t);
  const credentials = new Credentials(config, clock);
  const first = await credentials.current();
  for (const spoil of [() => writeFile(path, " \n"), () => rm(path)]) {
    await spoil();
    await clock.advance(60_000);
    assert.equal(await credentials.current(), first);
    await assert.rejects(
      async () => await new Credentials(config, clock).current(),
      (error) => hasCode(error, "KUBE_CONFIG"),
    );
  }
  const noPem = { ...config, token: undefined, clientCertificate: { value: "x" }, clientKey: { value: "y" } };
  await assert.rejects(async () => await new Credentials(noPem, clock).current(), /do not fit together/);
});

test("the same identity is the same object, so that connections are kept", async (t) => {
  const { config, clock } = await tokenFile(t);
  const credentials = new Credentials(config, clock);
  const first = await credentials.current();
  await clock.advance(60_000);
  assert.equal(await credentials.current(), first);
});

test("credentials that are not files are never read again", async () => {
  const clock = new FakeClock();
  const credentials = new Credentials({ server: "https://x", namespace: "d", token: { value: "t" } }, clock);
  const first = await credentials.current();
  await clock.advance(3_600_000);
  assert.equal(credentials.current(), first);
  assert.equal(await credentials.refused(first), false);
});
