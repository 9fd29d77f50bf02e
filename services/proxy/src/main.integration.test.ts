import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "@carrel/std";
import { DOMAIN } from "./testing/a-route.ts";
import { KubeSessions } from "./testing/kube-sessions.ts";

interface Line {
  readonly msg?: string;
  readonly port?: number;
  readonly probesPort?: number;
}

test("the process: ready once it has sessions and keys, serves, and stops in good order", async (t) => {
  await using sessions = await KubeSessions.start();
  const desk = await sessions.createPod("127.1.1.1");
  const session = await sessions.createSession(sessions.readyIn(desk, 8080));
  const child = spawn(process.execPath, [fileURLToPath(new URL("./main.ts", import.meta.url))], {
    env: {
      CARREL_NAMESPACE: sessions.namespace,
      CARREL_KUBECONFIG: await sessions.proxyKubeconfigPath(),
      CARREL_DOMAIN: DOMAIN,
      CARREL_PUBLIC_SCHEME: "http",
      CARREL_PUBLIC_PORT: "8080",
      CARREL_LISTEN_PORT: "0",
      CARREL_LISTEN_HOST: "127.0.0.1",
      CARREL_PROBES_PORT: "0",
      CARREL_PROBES_HOST: "127.0.0.1",
      CARREL_LIMITS_HOLD_MS: "100",
      CARREL_LIMITS_DRAIN_WEBSOCKETS_MS: "100",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, "exit") as Promise<[number | null]>;
  const line = async (message: string): Promise<Line> => {
    for (let tries = 0; tries < 300; tries++, await systemClock.sleep(50)) {
      const found = output.split("\n").find((text) => text.includes(`"msg":"${message}"`));
      if (found !== undefined) return JSON.parse(found) as Line;
      if (child.exitCode !== null) break;
    }
    throw new Error(`it never said "${message}":\n${output}`);
  };
  const ask = (port: number, path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      get({ port, host: "127.0.0.1", path, headers, agent: false }, (answer) => {
        let body = "";
        answer.on("data", (chunk: Buffer) => (body += chunk.toString()));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
      }).on("error", reject);
    });

  const { probesPort = 0 } = await line("starting");
  const { port = 0 } = await line("serving");
  await line("manager running");
  for (let tries = 0; (await ask(probesPort, "/readyz")).status !== 200; tries++) {
    assert.ok(tries < 200, "it never became ready");
    await systemClock.sleep(50);
  }
  const token = await sessions.mint(session);
  const headers = { Host: `${session.metadata.name}.${DOMAIN}`, Authorization: `Bearer ${token}` };
  assert.equal((await ask(port, "/", { Host: headers.Host })).status, 401);
  const refused = await ask(port, "/", headers);
  assert.equal(refused.status, 503, "a loopback address is no pod's");
  assert.match(refused.body, /"reason":"starting"/);
  const status = await ask(port, "/.carrel/status", headers);
  assert.match(status.body, /"phase":"Ready","usable":false/);
  const metrics = (await ask(probesPort, "/metrics")).body;
  assert.match(metrics, /carrel_proxy_requests_total\{.*reason="signedOut".*\} 1/);
  assert.match(metrics, /carrel_proxy_authentications_total\{.*result="bearer".*\} 2/);
  assert.match(metrics, /carrel_proxy_streams\{.*kind="websocket".*\} 0/);
  assert.equal(output.includes(token), false, "tokens are never logged");

  child.kill("SIGTERM");
  assert.deepEqual((await exited)[0], 0, output);
  assert.match(output, /"msg":"stopped"/);
});
