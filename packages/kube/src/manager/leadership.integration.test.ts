import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "@carrel/std";
import { eventually, sharedControlPlane } from "@carrel/testkit";
import { connect, makeNamespace } from "../runtime/testing/test-access.ts";
import { Manager, type ManagerOptions } from "./manager.ts";
import { SHORT_TIMES } from "./testing/short-times.ts";

/** Runs a manager whose elected part notes when it leads. */
function stand(t: TestContext, options: ManagerOptions): { manager: Manager; ledAt(): number; stop(): Promise<void> } {
  const manager = new Manager(options);
  let ledAtMs = Number.NaN;
  const run = async (signal: AbortSignal): Promise<void> => {
    ledAtMs = performance.now();
    await systemClock.sleep(3_600_000, signal).catch(() => undefined);
  };
  manager.add({ name: "lead", run }, { elected: true });
  const abort = new AbortController();
  const running = manager.run(abort.signal);
  const stop = (): Promise<void> => {
    abort.abort();
    return running;
  };
  t.after(stop);
  return { manager, ledAt: () => ledAtMs, stop };
}

interface Leader {
  readonly child: ChildProcess;
  readonly lines: string[];
}

function spawnLeader(t: TestContext, kubeconfigPath: string, namespace: string): Leader {
  const program = fileURLToPath(new URL("testing/leading-process.ts", import.meta.url));
  const child = spawn(process.execPath, [program, kubeconfigPath, namespace, "child"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  return { child, lines };
}

test("two managers with the usual times: a stopped leader hands over within 2 s", async (t) => {
  const client = connect(t, (await sharedControlPlane()).kubeconfig);
  const namespace = await makeNamespace(client);
  const election = { namespace, name: "test" };
  const first = stand(t, { client, election });
  await eventually(() => assert.ok(first.manager.isLeader()));
  const second = stand(t, { client, election });
  await systemClock.sleep(3000);
  assert.equal(second.manager.isLeader(), false);
  assert.equal(second.manager.ready().ok, true, "a standby is ready");

  const stoppedAtMs = performance.now();
  await first.stop();
  await eventually(() => assert.ok(second.manager.isLeader()));
  const handoverMs = second.ledAt() - stoppedAtMs;
  t.diagnostic(`handed over in ${handoverMs.toFixed(0)} ms`);
  assert.ok(handoverMs < 2500, `${handoverMs} ms`);
});

test("kill -9 of a leader: the other leads when the lease has run out, and not before", async (t) => {
  const controlPlane = await sharedControlPlane();
  const client = connect(t, controlPlane.kubeconfig);
  const namespace = await makeNamespace(client);
  const { child, lines } = spawnLeader(t, controlPlane.kubeconfigPath, namespace);
  await eventually(() => assert.ok(lines.includes("leading")));
  const standby = stand(t, { client, election: { namespace, name: "test", times: SHORT_TIMES } });
  await systemClock.sleep(2 * SHORT_TIMES.leaseMs);
  assert.equal(standby.manager.isLeader(), false);

  const killedAtMs = performance.now();
  child.kill("SIGKILL");
  await once(child, "exit");
  await eventually(() => assert.ok(standby.manager.isLeader()));
  const tookMs = standby.ledAt() - killedAtMs;
  t.diagnostic(`lease of ${SHORT_TIMES.leaseMs} ms: taken over ${tookMs.toFixed(0)} ms after the kill`);
  assert.ok(tookMs > SHORT_TIMES.leaseMs - SHORT_TIMES.retryMs - 500);
  assert.ok(tookMs < SHORT_TIMES.leaseMs + SHORT_TIMES.retryMs + 1500);
});

test("a leader that was stopped and goes on finds itself deposed before it does anything", async (t) => {
  const controlPlane = await sharedControlPlane();
  const client = connect(t, controlPlane.kubeconfig);
  const namespace = await makeNamespace(client);
  const { child, lines } = spawnLeader(t, controlPlane.kubeconfigPath, namespace);
  await eventually(() => assert.ok(lines.includes("leading")));
  const standby = stand(t, { client, election: { namespace, name: "test", times: SHORT_TIMES } });
  child.kill("SIGSTOP");
  await eventually(() => assert.ok(standby.manager.isLeader()), { timeoutMs: 15_000 });
  await systemClock.sleep(200);
  const before = lines.length;
  child.kill("SIGCONT");
  const [code] = (await once(child, "exit")) as [number | null];
  assert.equal(code, 3);
  await eventually(() => assert.equal(lines.at(-1), "lost"));
  // Stopped between its look at the lease and its line it still writes that one: what it had begun. Nothing more.
  const after = lines.slice(before);
  assert.ok(after.length <= 2 && after.at(-1) === "lost", after.join(", "));
  assert.equal(standby.manager.isLeader(), true);
});
