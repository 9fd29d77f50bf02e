import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { eventually } from "../eventually.ts";
import { adminRequest } from "./admin-request.ts";
import { installCrds } from "./install-crds.ts";
import { createServiceAccountToken } from "./service-account-token.ts";
import { sharedControlPlane } from "./shared-control-plane.ts";
import { uniqueName } from "./unique-name.ts";

test("every call in a process gives the same control plane", async () => {
  const [first, second] = await Promise.all([sharedControlPlane(), sharedControlPlane({ controllerManager: false })]);
  assert.equal(first, second);
  assert.equal(await adminRequest(first, { method: "GET", path: "/readyz" }), "ok");
});

test("a refusal says what was asked and what the API server said", async () => {
  const controlPlane = await sharedControlPlane();
  await assert.rejects(
    adminRequest(controlPlane, { method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "A B" } } }),
    /POST \/api\/v1\/namespaces was answered 422: Namespace "A B" is invalid/,
  );
});

test("a ServiceAccount's token is that user, with the rights of its ClusterRole", async () => {
  const controlPlane = await sharedControlPlane();
  const clusterRole = uniqueName("reader");
  await adminRequest(controlPlane, {
    method: "POST",
    path: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    body: { metadata: { name: clusterRole }, rules: [{ verbs: ["list"], apiGroups: [""], resources: ["configmaps"] }] },
  });
  const account = await createServiceAccountToken(controlPlane, { clusterRole });
  const ask = (method: string, path: string, body?: object): Promise<Response> => {
    return fetchWithCa(controlPlane, path, { method, token: account.token, body });
  };
  const review = await ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
    apiVersion: "authentication.k8s.io/v1",
    kind: "SelfSubjectReview",
  });
  const { status } = (await review.json()) as { status: { userInfo: { username: string } } };
  assert.equal(status.userInfo.username, account.user);
  assert.equal((await ask("GET", "/api/v1/configmaps")).status, 200);
  assert.equal((await ask("POST", "/api/v1/namespaces", { metadata: { name: uniqueName("no") } })).status, 403);
});

test("CRDs are applied from Helm templates, twice without harm, and served", async (t) => {
  const controlPlane = await sharedControlPlane();
  const directory = await mkdtemp(join(tmpdir(), "carrel-crds-"));
  t.after(() => rm(directory, { recursive: true }));
  const plural = `${uniqueName("thing").replace("-", "")}s`;
  await writeFile(
    join(directory, "things.yaml"),
    `{{- if .Values.crds.install }}
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.test.carrel.dev
  annotations:
    helm.sh/resource-policy: keep
spec:
  group: test.carrel.dev
  scope: Cluster
  names: { kind: Thing, plural: ${plural} }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object } }
{{- end }}
`,
  );
  for (let times = 0; times < 2; times++) {
    assert.deepEqual(await installCrds(controlPlane, { directory }), [`${plural}.test.carrel.dev`]);
  }
  const path = `/apis/test.carrel.dev/v1/${plural}`;
  const list = await adminRequest<{ kind: string }>(controlPlane, { method: "GET", path });
  assert.equal(list.kind, "ThingList");
  await assert.rejects(installCrds(controlPlane, { directory: join(directory, "none") }), /no CRD in .*none/);
});

test("it ends with the process, and its directory with it", async () => {
  const module = new URL("./shared-control-plane.ts", import.meta.url).href;
  const program = `
    const { sharedControlPlane } = await import(${JSON.stringify(module)});
    const { directory, pids } = await sharedControlPlane();
    console.log(JSON.stringify({ directory, pids }));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  assert.equal(status, 0);
  const { directory, pids } = JSON.parse(output) as { directory: string; pids: Record<string, number> };
  assert.equal(existsSync(directory), false);
  assert.equal(Object.keys(pids).length, 2);
  await eventually(() => {
    for (const pid of Object.values(pids)) assert.equal(existsSync(`/proc/${pid}`), false);
  });
});

async function fetchWithCa(
  controlPlane: Awaited<ReturnType<typeof sharedControlPlane>>,
  path: string,
  options: { method: string; token: string; body: object | undefined },
): Promise<Response> {
  const outgoing = request(new URL(path, controlPlane.server), {
    agent: false,
    ca: controlPlane.caPem,
    method: options.method,
    headers: { authorization: `Bearer ${options.token}`, "content-type": "application/json" },
  });
  outgoing.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return new Response(await text(response), { status: response.statusCode ?? 0 });
}
