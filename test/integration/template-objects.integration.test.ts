import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ANNOTATIONS, LABELS, type SessionTemplateInput, type TemplateObject } from "@carrel/api";
import {
  CONFIG_MAPS,
  createKubeClient,
  isNotFound,
  loadKubeconfig,
  NAMESPACES,
  PODS,
  POLICY_PROFILES,
  resource,
  SECRETS,
  SESSION_TEMPLATES,
  SESSIONS,
  WORKSPACES,
  type KubeClient,
  type KubeObject,
  type Secret,
} from "@carrel/kube";
import { aPolicyProfile, eventually } from "@carrel/testkit";
import {
  installationRights,
  type InstallationRights,
  reportReady,
  startService,
  type ServiceProcess,
  startSessionServices,
  type SessionServices,
} from "@carrel/servicekit";

const GROUP = "operators.example.com";
const HOLD = `${GROUP}/outside`;
interface Machine extends KubeObject {
  readonly status?: object;
}
const MACHINES = resource<Machine>(`${GROUP}/v1`, "Machine", "machines");
const FLEETS = resource(`${GROUP}/v1`, "Fleet", "fleets", false);

let services: SessionServices;
let reaper: ServiceProcess;

before(async () => {
  // The services have the rights of an installation whose operator lets templates bring his kinds along.
  let rights: InstallationRights | undefined;
  services = await startSessionServices({
    provisionerEnv: { CARREL_SHARED_SECRET_NAMESPACES: "courses" },
    async provisionerKubeconfig(controlPlane) {
      await using client = createKubeClient(await loadKubeconfig({ path: controlPlane.kubeconfigPath }), {
        userAgent: "test",
      });
      await client.create(NAMESPACES, { metadata: { name: "courses" } });
      await defineKinds(client);
      // The chart has it with a field that cannot be changed.
      const priorityClasses = resource("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false);
      await client.delete(priorityClasses, "carrel-desk");
      const ordinary = [{ apiGroups: [""], resources: ["configmaps", "secrets"] }];
      rights = await installationRights(controlPlane, {
        "provisioner.objectRules": [...ordinary, { apiGroups: [GROUP], resources: ["machines", "fleets"] }],
        "reaper.objectRules": [{ apiGroups: [GROUP], resources: ["machines", "fleets"] }],
        sharedSecretNamespaces: ["courses"],
      });
      return await rights.kubeconfigOf("provisioner");
    },
  });
  await services.reaper.kill();
  assert.ok(rights);
  reaper = await startService("reaper", {
    CARREL_NAMESPACE: "carrel-system",
    CARREL_KUBECONFIG: await rights.kubeconfigOf("reaper"),
    CARREL_IDENTITY: "reaper-0",
    // Nothing listens there: ends do not need NATS.
    CARREL_NATS_SERVERS: "nats://127.0.0.1:1",
  });
  const clusterObjects = [{ group: GROUP, kinds: ["Fleet"] }];
  await services.client.create(
    POLICY_PROFILES,
    aPolicyProfile({ metadata: { name: "ceiling" }, spec: { ceiling: true, clusterObjects } }),
  );
});
after(async () => {
  await reaper?.[Symbol.asyncDispose]();
  await services?.[Symbol.asyncDispose]();
});

async function defineKinds(client: KubeClient): Promise<void> {
  const definitions = resource<KubeObject & { readonly spec: object }>(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    false,
  );
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: open, status: open } } };
  for (const kind of [MACHINES, FLEETS]) {
    await client.create(definitions, {
      metadata: { name: `${kind.plural}.${GROUP}` },
      spec: {
        group: GROUP,
        scope: kind.namespaced ? "Namespaced" : "Cluster",
        names: { plural: kind.plural, singular: kind.kind.toLowerCase(), kind: kind.kind },
        versions: [{ name: "v1", served: true, storage: true, schema, subresources: { status: {} } }],
      },
    });
    await eventually(() => client.list(kind as typeof MACHINES), { timeoutMs: 20_000 });
  }
}

const object = (name: string, template: object, rest: Partial<TemplateObject> = {}): never =>
  ({ name, template, ...rest }) as unknown as never;
const configMap = (name: string, data: object, rest: Partial<TemplateObject> = {}): never =>
  object(name, { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data }, rest);
const machine = object(
  "machine",
  { apiVersion: `${GROUP}/v1`, kind: "Machine", metadata: { name: "vm" }, spec: { keys: "access" } },
  {
    after: ["access"],
    waitFor: { condition: "Ready", timeout: "60s" },
    outputs: { address: "status.address" },
    finalizedExternally: { timeout: "60s" },
  },
);
const text = (secret: Secret, key: string): string => Buffer.from(secret.data?.[key] ?? "", "base64").toString();

/** Starts a session and gives its name and that of its workspace. */
async function start(
  spec: Partial<SessionTemplateInput>,
  parameters: Record<string, string> = {},
): Promise<{ readonly session: string; readonly workspace: string }> {
  const template = await services.template({ spec });
  const reply = await services.create({ template, parameters, user: { id: "ada" }, wait: "accepted" });
  const session = reply.session.name;
  const { spec: made } = await services.client.get(SESSIONS, session);
  return { session, workspace: made.workspace };
}

async function untilPhase(session: string, phase: string): Promise<void> {
  await eventually(async () => assert.equal((await services.client.get(SESSIONS, session)).status?.phase, phase), {
    timeoutMs: 60_000,
  });
}

/** What an operator's controller does to a machine that it has made. */
async function bootMachine(namespace: string): Promise<void> {
  await eventually(() => services.client.get(MACHINES, "vm", { namespace }), { timeoutMs: 20_000 });
  await services.client.mergePatch(MACHINES, "vm", { metadata: { finalizers: [HOLD] } }, { namespace });
  const status = { address: "10.9.8.7", conditions: [{ type: "Ready", status: "True" }] };
  await services.client.mergePatch(MACHINES, "vm", { status }, { namespace, subresource: "status" });
}

/** There is no node to end pods. */
const endPods = async (namespace: string): Promise<void> => {
  await services.client.deleteCollection(PODS, { namespace, gracePeriodSeconds: 0 }).catch(() => undefined);
};

async function untilNothingIsLeft(session: string, workspace: string): Promise<void> {
  await eventually(
    async () => {
      await endPods(workspace);
      assert.equal((await services.client.get(SESSIONS, session)).status?.phase, "Ended");
    },
    { timeoutMs: 60_000 },
  );
  await assert.rejects(services.client.get(NAMESPACES, workspace), isNotFound);
  await assert.rejects(services.client.get(WORKSPACES, workspace), isNotFound);
}

test("a machine with its keys, an address that others use, a copied Secret, something cluster-scoped: a whole life", async () => {
  const { client } = services;
  await client.create(SECRETS, {
    metadata: { name: "license", namespace: "courses", annotations: { [ANNOTATIONS.sharedWith]: "*" } },
    stringData: { key: "one" },
  });
  const access = { apiVersion: "v1", kind: "Secret", metadata: { name: "access" } };
  const { session, workspace } = await start(
    {
      parameters: [
        { name: "seats", type: "int" },
        { name: "token", secret: true },
      ],
      generate: [{ name: "root", type: "password" }],
      namespaces: [{ name: "lab" }],
      secrets: [{ from: { namespace: "courses", name: "license" }, namespaces: ["lab"] }],
      objects: [
        object("access", { ...access, stringData: { token: "$(parameters.token)", root: "$(generated.root)" } }),
        machine,
        object("fleet", {
          apiVersion: `${GROUP}/v1`,
          kind: "Fleet",
          metadata: { name: "fleet-$(workspace.name)" },
          spec: { seats: "$(parameters.seats)" },
        }),
        configMap("address", { ip: "$(outputs.machine.address)" }),
        configMap("leftout", {}, { when: "$(parameters.seats)" }),
      ],
    },
    { seats: "3", token: "hush-hush" },
  );
  await bootMachine(workspace);
  await reportReady(client, workspace);
  await untilPhase(session, "Ready");

  const made = await client.get(SECRETS, "access", { namespace: workspace });
  assert.equal(text(made, "token"), "hush-hush");
  const generated = await client.get(SECRETS, "generated", { namespace: workspace });
  assert.equal(text(made, "root"), text(generated, "root"));
  assert.equal((await client.get(CONFIG_MAPS, "address", { namespace: workspace })).data?.["ip"], "10.9.8.7");
  const fleet = (await client.get(FLEETS, `fleet-${workspace}`)) as KubeObject & { readonly spec: { seats: unknown } };
  assert.equal(fleet.spec.seats, 3, "an int stays one");
  const { status, metadata } = await client.get(WORKSPACES, workspace);
  assert.equal(fleet.metadata.labels?.[LABELS.workspaceUid], metadata.uid);
  assert.deepEqual(
    status?.objects?.map(({ name, state }) => `${name} ${state}`),
    ["access Ready", "machine Ready", "fleet Ready", "address Ready", "leftout Skipped"],
  );
  assert.equal(status.outputs?.["machine.address"], "10.9.8.7");
  assert.ok(!JSON.stringify([status, await client.get(SESSIONS, session)]).includes("hush"));

  const copy = (): Promise<Secret> => client.get(SECRETS, "license", { namespace: `${workspace}-lab` });
  assert.equal(text(await copy(), "key"), "one");
  await client.mergePatch(SECRETS, "license", { stringData: { key: "two" } }, { namespace: "courses" });
  await eventually(async () => assert.equal(text(await copy(), "key"), "two"));

  await services.ask("end", { session });
  await eventually(async () =>
    assert.ok((await client.get(MACHINES, "vm", { namespace: workspace })).metadata.deletionTimestamp),
  );
  assert.equal((await client.get(NAMESPACES, workspace)).metadata.deletionTimestamp, undefined);
  await client.mergePatch(MACHINES, "vm", { metadata: { finalizers: null } }, { namespace: workspace });
  await untilNothingIsLeft(session, workspace);
  await assert.rejects(client.get(NAMESPACES, `${workspace}-lab`), isNotFound);
  await assert.rejects(client.get(FLEETS, `fleet-${workspace}`), isNotFound);
});

test("an object that is refused fails the session, says why, and nothing is left", async () => {
  const { session, workspace } = await start({
    objects: [configMap("good", { x: "1" }), configMap("bad", { "not a key": "1" })],
  });
  await untilNothingIsLeft(session, workspace);
  const { spec, status } = await services.client.get(SESSIONS, session);
  assert.equal(status?.endReason, "Failed");
  assert.match(spec.end?.message ?? "", /bad \(ConfigMap bad in w\w+\).*not a key/);
});

test("a Secret that nobody shares fails the session in the same way", async () => {
  const { session, workspace } = await start({ secrets: [{ from: { namespace: "courses", name: "absent" } }] });
  await untilNothingIsLeft(session, workspace);
  const { spec, status } = await services.client.get(SESSIONS, session);
  assert.equal(status?.endReason, "Failed");
  assert.match(spec.end?.message ?? "", /no Secret courses\/absent that is shared with the template/);
});

test("a provisioner that is killed while an object is waited for goes on in its next life", async () => {
  const { client } = services;
  const access = { apiVersion: "v1", kind: "Secret", metadata: { name: "access" }, stringData: { a: "b" } };
  const { session, workspace } = await start({
    objects: [object("access", access), machine, configMap("address", { ip: "$(outputs.machine.address)" })],
  });
  const { metadata } = await eventually(() => client.get(MACHINES, "vm", { namespace: workspace }), {
    timeoutMs: 20_000,
  });
  await services.provisioner.crash();
  await bootMachine(workspace);
  await reportReady(client, workspace);
  await untilPhase(session, "Ready");
  assert.equal((await client.get(MACHINES, "vm", { namespace: workspace })).metadata.uid, metadata.uid);
  assert.equal((await client.get(CONFIG_MAPS, "address", { namespace: workspace })).data?.["ip"], "10.9.8.7");
  await services.ask("end", { session });
  await eventually(async () => {
    await client.mergePatch(MACHINES, "vm", { metadata: { finalizers: null } }, { namespace: workspace });
  });
  await untilNothingIsLeft(session, workspace);
});

test("a spare has what it can have before anybody comes; the claim brings the rest", async () => {
  const { client } = services;
  const template = await services.template({
    spec: {
      pool: { size: 1 },
      objects: [
        configMap("early", { namespace: "$(session.namespace)" }),
        configMap("late", { user: "$(user.id)" }),
        object(
          "machine",
          { apiVersion: `${GROUP}/v1`, kind: "Machine", metadata: { name: "vm" }, spec: { owner: "$(user.id)" } },
          { waitFor: { condition: "Ready", timeout: "60s" } },
        ),
      ],
    },
  });
  const spare = await eventually(
    async () => {
      const { items } = await client.list(WORKSPACES, { labelSelector: `${LABELS.pool}=${template}` });
      const [found] = items;
      assert.ok(found);
      return found.metadata.name;
    },
    { timeoutMs: 20_000 },
  );
  await reportReady(client, spare);
  const workspace = await eventually(
    async () => {
      const seen = await client.get(WORKSPACES, spare);
      assert.equal(seen.status?.phase, "Ready");
      return seen;
    },
    { timeoutMs: 20_000 },
  );
  assert.deepEqual(
    workspace.status?.objects?.map(({ name }) => name),
    ["early"],
  );
  const early = await client.get(CONFIG_MAPS, "early", { namespace: spare });
  await assert.rejects(client.get(CONFIG_MAPS, "late", { namespace: spare }), isNotFound);

  const reply = await services.create({ template, user: { id: "ada" }, wait: "accepted" });
  const session = reply.session.name;
  await eventually(() => client.get(MACHINES, "vm", { namespace: spare }), { timeoutMs: 20_000 });
  assert.notEqual((await client.get(SESSIONS, session)).status?.phase, "Ready", "the machine is waited for");
  await bootMachine(spare);
  await untilPhase(session, "Ready");
  assert.equal((await client.get(SESSIONS, session)).spec.workspace, spare);
  const late = await client.get(CONFIG_MAPS, "late", { namespace: spare });
  assert.deepEqual([late.data?.["user"], late.metadata.labels?.[LABELS.session]], ["ada", session]);
  const after = await client.get(CONFIG_MAPS, "early", { namespace: spare });
  assert.equal(after.metadata.resourceVersion, early.metadata.resourceVersion, "what was there is not touched");

  // No successor: nobody would report its desk ready.
  await client.mergePatch(SESSION_TEMPLATES, template, { spec: { pool: { size: 0 } } });
  await services.ask("end", { session });
  await client.mergePatch(MACHINES, "vm", { metadata: { finalizers: null } }, { namespace: spare });
  await untilNothingIsLeft(session, spare);
});
