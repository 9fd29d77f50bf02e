import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { hasCode } from "@carrel/std";
import { createApiClient } from "../api/api-client.ts";
import { identifyProcess } from "../process/process-identity.ts";
import { waitUntil } from "../process/wait-until.ts";
import { ensureProgram } from "../programs/ensure-program.ts";
import { startControlPlane } from "./start-control-plane.ts";

interface ObjectList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

test("a control plane answers, knows its users, deletes namespaces, survives a restart and leaves nothing", async (t) => {
  const controlPlane = await startControlPlane({ controllerManager: true, auditLog: true, signal: t.signal });
  const pids = Object.values(controlPlane.pids);
  {
    await using _ended = controlPlane;
    using admin = createApiClient(controlPlane.kubeconfig);
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "desk" } };
    await admin.json({ method: "POST", path: "/api/v1/namespaces", body: namespace });

    const bob = await controlPlane.createKubeconfig("bob", ["learners"]);
    using client = createApiClient(bob.kubeconfig);
    const review = await client.json<{ status: { userInfo: { username: string; groups: string[] } } }>({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
    });
    assert.equal(review.status.userInfo.username, "bob");
    assert.ok(review.status.userInfo.groups.includes("learners"));
    await assert.rejects(client.json({ method: "GET", path: "/api/v1/secrets" }), (error) =>
      hasCode(error, "API_REFUSED"),
    );

    const before = controlPlane.pids["kube-apiserver"];
    await controlPlane.restartApiServer();
    assert.notEqual(controlPlane.pids["kube-apiserver"], before);
    const kept = await admin.json<ObjectList>({ method: "GET", path: "/api/v1/namespaces" });
    assert.ok(kept.items.some((item) => item.metadata.name === "desk"));

    await admin.json({ method: "DELETE", path: "/api/v1/namespaces/desk" });
    await waitUntil(
      async (signal) => {
        const answer = await admin.send({ method: "GET", path: "/api/v1/namespaces/desk", signal });
        return answer.status === 404 ? true : undefined;
      },
      { what: "the controller manager has deleted the namespace", timeoutMs: 60_000, signal: t.signal },
    );

    const kubectl = await ensureProgram("kubectl", { signal: t.signal });
    const { stdout } = await promisify(execFile)(kubectl, [
      `--kubeconfig=${controlPlane.kubeconfigPath}`,
      "version",
      "-o",
      "json",
    ]);
    const versions = JSON.parse(stdout) as Record<"clientVersion" | "serverVersion", { gitVersion: string }>;
    assert.equal(versions.clientVersion.gitVersion, versions.serverVersion.gitVersion);

    assert.ok(controlPlane.auditLogPath !== undefined);
    const audited = (await readFile(controlPlane.auditLogPath, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { user: { username: string }; verb: string; requestURI: string });
    const byBob = audited.filter((event) => event.user.username === "bob").map((event) => event.verb);
    assert.deepEqual(byBob, ["create", "list"]);
  }
  for (const pid of pids) assert.equal(identifyProcess(pid), undefined, `process ${pid} still runs`);
  assert.equal(existsSync(controlPlane.directory), false);
});

test("a control plane ends with its process, even when that is killed", async (t) => {
  const index = fileURLToPath(new URL("start-control-plane.ts", import.meta.url));
  const script = `
    const { startControlPlane } = await import(${JSON.stringify(index)});
    const controlPlane = await startControlPlane();
    console.log(JSON.stringify({ pids: Object.values(controlPlane.pids), directory: controlPlane.directory }));
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => owner.kill("SIGKILL"));
  const [line] = (await once(owner.stdout, "data")) as [Buffer];
  const { pids, directory } = JSON.parse(line.toString()) as { pids: number[]; directory: string };
  assert.equal(pids.length, 2);
  for (const pid of pids) assert.notEqual(identifyProcess(pid), undefined);

  owner.kill("SIGKILL");
  await waitUntil(() => (pids.every((pid) => identifyProcess(pid) === undefined) ? true : undefined), {
    what: "etcd and kube-apiserver have ended",
    timeoutMs: 10_000,
  });
  // The next control plane sweeps what the killed one could not.
  await using _next = await startControlPlane({ signal: t.signal });
  assert.equal(existsSync(directory), false);
});

test("a control plane that cannot start says why and leaves nothing", async (t) => {
  const start = startControlPlane({ extraApiServerArgs: ["--no-such-flag"], signal: t.signal });
  await assert.rejects(start, (error: Error) => {
    assert.ok(hasCode(error, "COMPONENT_FAILED"));
    assert.match(error.message, /kube-apiserver ended; log .*unknown flag: --no-such-flag/s);
    return true;
  });
});
