import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { startControlPlane } from "@carrel/cluster";
import { adminRequest, eventually, installCrds } from "@carrel/testkit";
import { pathOfManifest, webhookConfigurations } from "./testing/manifests.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("the process is ready once the API server trusts it, and stops in good order", { timeout: 120_000 }, async (t) => {
  await using controlPlane = await startControlPlane();
  await installCrds(controlPlane);
  const create = async (at: string, body: unknown): Promise<void> => {
    await adminRequest(controlPlane, { method: "POST", path: at, body });
  };
  await create("/api/v1/namespaces", { metadata: { name: "carrel-system" } });
  const [port, probesPort] = [await freePort(), await freePort()];

  const child = spawn(process.execPath, [path.join(import.meta.dirname, "main.ts")], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      CARREL_NAMESPACE: "carrel-system",
      CARREL_IDENTITY: "carrel-webhook-0",
      CARREL_KUBECONFIG: controlPlane.kubeconfigPath,
      CARREL_HOST: "127.0.0.1",
      CARREL_PORT: String(port),
      CARREL_EXTRA_NAMES: "127.0.0.1",
      CARREL_PROBES_HOST: "127.0.0.1",
      CARREL_PROBES_PORT: String(probesPort),
    },
  });
  t.after(() => child.kill("SIGKILL"));
  const output: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  const ended = once(child, "exit");

  const probe = async (name: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`http://127.0.0.1:${probesPort}/${name}`);
    return { status: answer.status, text: await answer.text() };
  };
  try {
    const metrics = await eventually(
      async () => {
        const { text } = await probe("metrics");
        assert.match(text, /carrel_webhook_certificate_expiry_seconds/);
        return text;
      },
      { timeoutMs: 60_000 },
    );
    assert.match(metrics, /carrel_webhook_certificate_expiry_seconds\{?[^\n]*\}? 5\d{6}/, "some 60 days");
    assert.equal((await probe("healthz")).status, 200);
    assert.equal((await probe("readyz")).status, 503, "nobody trusts it yet");
    for (const manifest of await webhookConfigurations(port)) await create(pathOfManifest(manifest), manifest);
    await eventually(async () => assert.equal((await probe("readyz")).status, 200));
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  } catch (error) {
    t.diagnostic(output.join(""));
    throw error;
  }
  assert.doesNotMatch(output.join(""), /PRIVATE KEY/);
});
