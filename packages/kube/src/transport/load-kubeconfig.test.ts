import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hasCode } from "@carrel/std";
import { loadKubeconfig } from "./load-kubeconfig.ts";

async function scratch(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "carrel-kubeconfig-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test("in a cluster: the ServiceAccount's files, re-readable, and the address of the API server", async (t) => {
  const directory = await scratch(t);
  await writeFile(join(directory, "token"), "t");
  await writeFile(join(directory, "namespace"), "carrel-system\n");
  const ca = { file: join(directory, "ca.crt") };
  const token = { file: join(directory, "token") };
  assert.deepEqual(await loadKubeconfig({ inCluster: { directory } }), {
    server: "https://kubernetes.default.svc:443",
    ca,
    token,
    namespace: "carrel-system",
  });
  const inCluster = { directory, host: "fd00::1", port: 6443 };
  assert.equal((await loadKubeconfig({ inCluster })).server, "https://[fd00::1]:6443");
});

test("a file, with names relative to it", async (t) => {
  const directory = await scratch(t);
  const kubeconfig = {
    "current-context": "x",
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: "https://a", "certificate-authority": "ca.crt" } }],
    users: [{ name: "u", user: { tokenFile: "token" } }],
  };
  const path = join(directory, "config");
  await writeFile(path, JSON.stringify(kubeconfig));
  const config = await loadKubeconfig({ path });
  assert.deepEqual(
    [config.ca, config.token],
    [{ file: join(directory, "ca.crt") }, { file: join(directory, "token") }],
  );
});

test("nothing to load is an error that says where it looked", async (t) => {
  const directory = await scratch(t);
  for (const options of [{ path: join(directory, "none") }, { inCluster: { directory } }]) {
    await assert.rejects(
      loadKubeconfig(options),
      (error: Error) => hasCode(error, "KUBE_CONFIG") && error.message.includes(directory),
    );
  }
});
