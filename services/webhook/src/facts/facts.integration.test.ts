import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { LABELS, type PolicyProfile, type Workspace } from "@carrel/api";
import { startControlPlane, type ControlPlane } from "@carrel/cluster";
import {
  createKubeClient,
  Informer,
  NAMESPACES,
  parseKubeconfig,
  POLICY_PROFILES,
  WORKSPACES,
  type KubeClient,
  type Namespace,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import {
  adminRequest,
  aPolicyProfile,
  aSessionTemplate,
  aWorkspace,
  createServiceAccountToken,
  eventually,
  installCrds,
  sharedControlPlane,
  startFaultProxy,
  uniqueName,
} from "@carrel/testkit";
import { CachedFactSource } from "./fact-source.ts";
import { ReadThrough } from "./read-through.ts";
import { slimWorkspace } from "./slim-workspace.ts";
import { profileNameOf, workspaceFact } from "./workspace-fact.ts";

const AGENT = "carrel-webhook-facts";
const WORKSPACES_PATH = "/apis/carrel.dev/v1alpha1/workspaces";
const PROFILES_PATH = "/apis/carrel.dev/v1alpha1/policyprofiles";
const BASELINE = { level: "baseline", version: "v1.30" } as const;
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

async function create<T>(controlPlane: Pick<ControlPlane, "kubeconfig">, path: string, body: unknown): Promise<T> {
  return await adminRequest<T>(controlPlane, { method: "POST", path, body });
}

async function aNamespace(
  controlPlane: Pick<ControlPlane, "kubeconfig">,
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
    const profile = aPolicyProfile({ spec: { podSecurity: BASELINE } });
    await create(controlPlane, PROFILES_PATH, profile);
    const workspace = await create<Workspace>(controlPlane, WORKSPACES_PATH, withProfile(profile.metadata.name));
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
    const missing = await create<Workspace>(controlPlane, WORKSPACES_PATH, withProfile("missing"));
    assert.deepEqual(await facts.factsFor(await aNamespace(controlPlane, missing)), {
      workspace: { state: "active", name: missing.metadata.name, profileName: "missing" },
    });
    // What was not there a second ago may be there now.
    await create(controlPlane, PROFILES_PATH, {
      ...profile,
      metadata: { name: "missing" },
    });
    await systemClock.sleep(1100);
    const later = await facts.factsFor(await aNamespace(controlPlane, missing));
    assert.ok(later.workspace.state === "active" && later.workspace.profile?.podSecurity.level === "baseline");
  });
});

suite("a default profile that does not exist", { timeout: 120_000 }, () => {
  test("is known from the watch: no session costs a read; one that is made holds", async (t) => {
    const controlPlane = await sharedControlPlane();
    await installCrds(controlPlane);
    const { server, caPem } = controlPlane;
    const { token } = await createServiceAccountToken(controlPlane);
    await using proxy = await startFaultProxy({ target: server, caPem, token, test: t });
    const account = parseKubeconfig(JSON.stringify(proxy.kubeconfig), { directory: "/" });
    await using client = createKubeClient(account, { userAgent: AGENT });
    const profiles = new Informer({ client }, POLICY_PROFILES);
    const stop = new AbortController();
    const running = profiles.run(stop.signal);
    await profiles.waitForSync(AbortSignal.timeout(10_000));

    const shared = { client, clock: systemClock };
    const factsWith = (informer: Pick<Informer<PolicyProfile>, "hasSynced" | "stalenessMs">): CachedFactSource =>
      new CachedFactSource(
        new ReadThrough({ ...shared, resource: NAMESPACES, store: EMPTY }),
        new ReadThrough({ ...shared, resource: WORKSPACES, store: EMPTY }),
        new ReadThrough({ ...shared, resource: POLICY_PROFILES, store: profiles.store, informer }),
      );
    const namespaceOf = async (workspace: Workspace): Promise<string> =>
      await aNamespace(controlPlane, await create<Workspace>(controlPlane, WORKSPACES_PATH, workspace));
    const reads = { method: "GET", path: /\/policyprofiles\/default$/, watch: false };

    const facts = factsWith(profiles);
    for (let round = 0; round < 3; round++) {
      const { workspace } = await facts.factsFor(await namespaceOf(aWorkspace()));
      assert.ok(workspace.state === "active" && workspace.profileName === "default");
      assert.equal(workspace.profile, undefined);
    }
    assert.equal(proxy.count(reads), 0);

    // A cache that is not complete, or whose watch may be dead, does not know that something is absent.
    const stale = { hasSynced: () => true, stalenessMs: () => 150_001 };
    const empty = { hasSynced: () => false, stalenessMs: () => 0 };
    for (const informer of [stale, empty]) await factsWith(informer).factsFor(await namespaceOf(aWorkspace()));
    assert.equal(proxy.count(reads), 2);
    await factsWith(profiles).factsFor(await namespaceOf(withProfile("missing")));
    assert.equal(proxy.count({ ...reads, path: /\/policyprofiles\/missing$/ }), 1, "the absence of any other is");

    const made = aPolicyProfile({ metadata: { name: "default" }, spec: { podSecurity: BASELINE } });
    await create(controlPlane, PROFILES_PATH, made);
    await eventually(() => assert.ok(profiles.store.get("default")));
    const { workspace } = await facts.factsFor(await namespaceOf(aWorkspace()));
    assert.ok(workspace.state === "active");
    assert.deepEqual(workspace.profile?.podSecurity, BASELINE);
    stop.abort();
    await running;
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

test("a namespace beside the primary one is judged by its own profile, or the template's", () => {
  const namespaces = [{ name: "build", policy: { profile: "docker" } }, { name: "db" }];
  const spec = { ...aSessionTemplate({ spec: { namespaces } }).spec, policy: { profile: "p" } };
  const whole = aWorkspace({ spec: { template: { name: "t", uid: "u", generation: 1, spec } } });
  const { name } = whole.metadata;
  for (const workspace of [whole, slimWorkspace(whole)]) {
    assert.deepEqual(
      [name, `${name}-build`, `${name}-db`].map((namespace) => profileNameOf(workspace, namespace)),
      ["p", "docker", "p"],
    );
  }
});
