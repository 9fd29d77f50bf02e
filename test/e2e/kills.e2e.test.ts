import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { SESSIONS } from "@carrel/kube";
import { objectsMentioning } from "@carrel/cli";
import { eventually } from "@carrel/testkit";
import type { Browser } from "playwright-core";
import { launchBrowser, TerminalPage } from "./support/browser.ts";
import { installedCarrel, type InstalledCarrel } from "./support/carrel.ts";
import { ServiceKiller } from "./support/kill-service.ts";

/** kill -9 of each service in the middle of each step of a session; Kubernetes restarts it, and the walk ends well. */
const resources = new AsyncDisposableStack();
let carrel: InstalledCarrel;
let browser: Browser;
let killer: ServiceKiller;
before(async () => {
  carrel = resources.use(await installedCarrel());
  killer = new ServiceKiller(carrel.client);
  browser = await launchBrowser();
  resources.defer(() => browser.close());
});
after(() => resources.disposeAsync());

/** What a backend does with a retryable answer: the same request, the same key, until its own deadline. */
async function persist<T>(ask: () => Promise<T>): Promise<T> {
  return await eventually(ask, { timeoutMs: 90_000 });
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

for (const service of ["provisioner", "webhook", "proxy", "reaper", "nats"]) {
  test(`${service} is killed in the middle of each step, and the session's life ends well`, async () => {
    const { client, backend } = carrel;
    const key = randomUUID();
    const user = `kill-${service}-${key.slice(0, 8)}`;

    await killer.freshPods(service);
    const creating = persist(async () => {
      const reply = await backend.createSession(
        { template: "terminal", user: { id: user } },
        { idempotencyKey: key, deadlineMs: Date.now() + 8_000 },
      );
      assert.equal(
        reply.session.state,
        "ready",
        `${reply.session.phase} ${reply.session.reason} ${reply.session.message}`,
      );
      return reply;
    });
    await pause(40);
    await killer.kill(service);
    const { session } = await creating;
    const { items } = await client.list(SESSIONS);
    assert.equal(
      items.filter((item) => item.spec.user.id === user).length,
      1,
      "one session, however often it was asked for",
    );
    const { workspace } = items.find((item) => item.spec.user.id === user)?.spec ?? { workspace: "" };

    await killer.freshPods(service);
    const { loginUrl = "" } = await persist(() => backend.sessionToken(session.name));
    const page = await browser.newPage();
    const opening = persist(async () => {
      // A token is good once: each try brings a new one, as a person who clicks again does.
      const fresh = (await backend.sessionToken(session.name)).loginUrl ?? loginUrl;
      await page.goto(fresh, { timeout: 10_000 });
      await page.waitForSelector(".xterm-rows", { timeout: 10_000 });
    });
    await killer.kill(service);
    await opening;
    const terminal = new TerminalPage(page);
    await terminal.waitForShell();

    await killer.freshPods(service);
    await terminal.waitForShell();
    const image = carrel.images["nats"] ?? "";
    await killer.kill(service);
    await persist(async () => {
      const { output, code } = await terminal.run(
        `kubectl create deployment web --image=${image} || kubectl get deployment web`,
        20_000,
      );
      assert.equal(code, 0, output);
    });
    const rollout = await persist(async () => {
      const result = await terminal.run("kubectl rollout status deployment/web --timeout=40s", 50_000);
      assert.equal(result.code, 0, result.output);
      return result;
    });
    assert.match(rollout.output, /successfully rolled out/);

    await killer.freshPods(service);
    const ending = persist(() => backend.endSession(session.name));
    await pause(20);
    await killer.kill(service);
    await ending;
    await eventually(async () => assert.equal((await client.get(SESSIONS, session.name)).status?.phase, "Ended"), {
      timeoutMs: 90_000,
    });
    await page.close();
    assert.deepEqual(await objectsMentioning(client, [workspace]), []);
  });
}
