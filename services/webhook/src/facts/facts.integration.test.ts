import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { LABELS, type Workspace } from "@carrel/api";
import { startControlPlane, type ControlPlane } from "@carrel/cluster";
import {
  createKubeClient,
  NAMESPACES,
  POLICY_PROFILES,
  WORKSPACES,
  type KubeClient,
  type Namespace,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { adminRequest, aPolicyProfile, aSessionTemplate, aWorkspace, installCrds, uniqueName } from "@carrel/testkit";
import { CachedFactSource } from "./fact-source.ts";
import { ReadThrough } from "./read-through.ts";
import { slimWorkspace } from "./slim-workspace.ts";
import { workspaceFact } from "./workspace-fact.ts";

const AGENT = "carrel-webhook-facts";
/** A cache that never has anything: every fact is a miss. */
const EMPTY = { get: () => undefined };

function uncached(client: KubeClient): CachedFactSource {
  const shared = { client, clock: systemClock };
  return new CachedFactSource(
    new ReadThrough({ ...shared, resource: NAMESPACES, store: EMPTY }),
    new ReadThrough({ ...shared, resource: WORKSPACES, store: EMPTY }),
    new ReadThrough({ ...shared, resource: POLICY_PROFILES, store: EMPTY }),
  );
}

async function create<T>(controlPlane: ControlPlane, path: string, body: unknown): Promise<T> {
  return await adminRequest<T>(controlPlane, { method: "POST", path, body });
}

async function aNamespace(
  controlPlane: ControlPlane,
  workspace: Workspace,
  uid = workspace.metadata.uid,
): Promise<string> {
  const name = uniqueName("w");
  const labels = { [LABELS.workspace]: workspace.metadata.name, [LABELS.workspaceUid]: uid };
  await create<Namespace>(controlPlane, "/api/v1/namespaces", { metadata: { name, labels } });
  return name;
}

function withProfile(profile: string): Workspace {
  const spec = { ...aSessionTemplate().spec, policy: { profile } };
  return aWorkspace({ spec: { template: { name: "t", uid: "u", generation: 1, spec } } });
}

suite("facts that the caches lack", { timeout: 120_000 }, () => {
  test("are read from the API server, each once however many ask", async () => {
    await using controlPlane = await startControlPlane({ auditLog: true });
    await installCrds(controlPlane);
    const { server, caPem, kubeconfig } = controlPlane;
    const { "client-certificate-data": cert, "client-key-data": key } = kubeconfig.users[0].user;
    const decode = (text: string): { value: string } => ({ value: Buffer.from(text, "base64").toString("utf8") });
    const account = { server, ca: { value: caPem }, clientCertificate: decode(cert), clientKey: decode(key) };
    await using client = createKubeClient({ ...account, namespace: "default" }, { userAgent: AGENT });
    const facts = uncached(client);
    const workspaces = "/apis/carrel.dev/v1alpha1/workspaces";

    const profile = aPolicyProfile({ spec: { podSecurity: { level: "baseline", version: "v1.30" } } });
    await create(controlPlane, "/apis/carrel.dev/v1alpha1/policyprofiles", profile);
    const workspace = await create<Workspace>(controlPlane, workspaces, withProfile(profile.metadata.name));
    const namespace = await aNamespace(controlPlane, workspace);
    const expected = {
      workspace: {
        state: "active",
        name: workspace.metadata.name,
        profileName: profile.metadata.name,
        profile: profile.spec,
      },
    };
    const answers = await Promise.all(Array.from({ length: 50 }, async () => await facts.factsFor(namespace)));
    for (const answer of answers) assert.deepEqual(answer, expected);
    assert.equal(await readsOf(controlPlane), 3, "a namespace, a workspace, a profile");

    assert.deepEqual(await facts.factsFor("default"), { workspace: { state: "unknown" } });
    const imposter = await aNamespace(controlPlane, workspace, "another-uid");
    assert.deepEqual(
      await facts.factsFor(imposter),
      { workspace: { state: "unknown" } },
      "of an earlier one of its name",
    );
    const missing = await create<Workspace>(controlPlane, workspaces, withProfile("missing"));
    assert.deepEqual(await facts.factsFor(await aNamespace(controlPlane, missing)), {
      workspace: { state: "active", name: missing.metadata.name, profileName: "missing" },
    });
    // What was not there a second ago may be there now.
    await create(controlPlane, "/apis/carrel.dev/v1alpha1/policyprofiles", {
      ...profile,
      metadata: { name: "missing" },
    });
    await systemClock.sleep(1100);
    const later = await facts.factsFor(await aNamespace(controlPlane, missing));
    assert.ok(later.workspace.state === "active" && later.workspace.profile?.podSecurity.level === "baseline");
  });
});

async function readsOf({ auditLogPath = "" }: ControlPlane): Promise<number> {
  const lines = (await readFile(auditLogPath, "utf8")).trim().split("\n");
  const events = lines.map(
    (line) => JSON.parse(line) as { readonly userAgent?: string; readonly verb: string; readonly stage: string },
  );
  return events.filter(
    ({ userAgent, verb, stage }) => userAgent === AGENT && verb === "get" && stage === "ResponseComplete",
  ).length;
}

test("a workspace is over from the moment that its end was asked for", () => {
  const workspace = aWorkspace();
  const at = "2026-01-01T00:00:00Z";
  assert.equal(workspaceFact(workspace, undefined).state, "active");
  assert.equal(workspaceFact({ ...workspace, status: { phase: "Terminating" } }, undefined).state, "ended");
  const terminate = { reason: "Expired" as const, at };
  assert.equal(workspaceFact({ ...workspace, spec: { ...workspace.spec, terminate } }, undefined).state, "ended");
  const metadata = { ...workspace.metadata, deletionTimestamp: at };
  assert.equal(workspaceFact({ ...workspace, metadata }, undefined).state, "ended");
});

test("a slim workspace says the same as the whole one", () => {
  const whole = { ...withProfile("p"), status: { phase: "Ready" as const } };
  const slim = slimWorkspace(whole);
  assert.deepEqual(workspaceFact(slim, undefined), workspaceFact(whole, undefined));
  assert.ok(JSON.stringify(slim).length < JSON.stringify(whole).length);
});
