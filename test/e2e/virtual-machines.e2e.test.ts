import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Session } from "@carrel/api";
import { objectsMentioning } from "@carrel/cli";
import { EVENTS, NAMESPACES, PODS, SESSION_TEMPLATES, SESSIONS, type Pod, type Resource } from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { eventually } from "@carrel/testkit";
import { installStandIn } from "../operators/install-stand-in.ts";
import * as kubevirt from "../operators/kubevirt/resources.ts";
import { STAND_IN_NAMESPACE, VSPHERE_NAMESPACE } from "../operators/stand-in-manifests.ts";
import * as vmoperator from "../operators/vmoperator/resources.ts";
import { installedCarrel, type InstalledCarrel } from "./support/carrel.ts";
import { Desk } from "./support/desk.ts";
import { kubectl } from "./support/kubectl.ts";
import { watchOrder } from "./support/watch-order.ts";

/**
 * Sessions that contain virtual machines, from the templates of deploy/examples/virtual-machines. KubeVirt and VM Operator
 * are STAND-INS (test/operators): their resources, finalizers and launcher pods are as the real ones', their guests are
 * real kernels in QEMU. Tests of one operator build on each other.
 */
const EXAMPLES = fileURLToPath(new URL("../../deploy/examples/virtual-machines", import.meta.url));
const STAND_IN_USER = `system:serviceaccount:${STAND_IN_NAMESPACE}:vm-operators-stand-in`;
const START_MS = 4 * 60_000;
const resources = new AsyncDisposableStack();
let carrel: InstalledCarrel;

before(async () => {
  carrel = resources.use(
    await installedCarrel({
      values: [join(EXAMPLES, "values.yaml")],
      set: [`webhook.trustedUsers={${STAND_IN_USER}}`],
    }),
  );
  const { client, cluster } = carrel;
  const tell = (line: string): void => void process.stderr.write(`    ${line}\n`);
  await installStandIn({ cluster, client, tell, signal: AbortSignal.timeout(10 * 60_000) });
  await applyExample("policy.yaml");
  await applyExample("kubevirt-vm.yaml");
  await applyExample("vmoperator-vm.yaml");
});
after(() => resources.disposeAsync());

/** What the example's network of machines is here: the guests are pods of one namespace. */
const EXAMPLE_NETWORK = "{ ipBlock: { cidr: 192.0.2.0/24 } }";
const GUESTS_NETWORK = `{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${VSPHERE_NAMESPACE} } } }`;

/** Applies a file as an operator would, with the image that was built; what is in it goes when the tests are over. */
async function applyExample(file: string): Promise<void> {
  const { kubeconfig, images } = carrel;
  const text = await readFile(join(EXAMPLES, file), "utf8");
  const manifests = text
    .replaceAll("carrel/terminal:dev", images["terminal"] ?? "")
    .replaceAll(EXAMPLE_NETWORK, GUESTS_NETWORK);
  // The webhook judges a template by the profiles that its watch has seen.
  await eventually(
    async () => {
      const { code, output } = await kubectl(kubeconfig, ["apply", "--filename", "-"], manifests);
      assert.equal(code, 0, output);
    },
    { timeoutMs: 30_000, everyMs: 500 },
  );
  resources.defer(async () => void (await kubectl(kubeconfig, ["delete", "--filename", "-"], manifests)));
}

async function startSession(template: string, user: string): Promise<{ session: Session; desk: Desk }> {
  const { backend, client, kubeconfig } = carrel;
  const answer = await eventually(
    async () => {
      try {
        return await backend.createSession({ template, user: { id: user } }, { deadlineMs: Date.now() + START_MS });
      } catch (error) {
        // Only that is worth another try: the provisioner's watch has not told it of the template yet.
        if (hasCode(error, "NOT_FOUND")) throw error;
        return error;
      }
    },
    { timeoutMs: START_MS, everyMs: 200 },
  );
  if (answer instanceof Error) throw answer;
  const reply = answer as Awaited<ReturnType<typeof backend.createSession>>;
  const session = await client.get(SESSIONS, reply.session.name);
  assert.equal(reply.session.state, "ready", JSON.stringify(session.status));
  return { session, desk: new Desk(kubeconfig, session.spec.workspace) };
}

async function ended({ metadata }: Session): Promise<void> {
  await eventually(
    async () => assert.equal((await carrel.client.get(SESSIONS, metadata.name)).status?.phase, "Ended"),
    { timeoutMs: 180_000, everyMs: 250 },
  );
}

/** A page that a guest serves, asked for from the desk. */
async function guestPage(desk: Desk, url: string): Promise<string> {
  return eventually(
    async () => {
      const { code, output } = await desk.run(`curl -sS -m 5 ${url}`);
      assert.equal(code, 0, output);
      return output;
    },
    { timeoutMs: 60_000, everyMs: 300 },
  );
}

const launchersOf = async (namespace: string): Promise<readonly Pod[]> =>
  (await carrel.client.list(PODS, { namespace, labelSelector: "kubevirt.io=virt-launcher" })).items;
const guestsOf = async (namespace: string): Promise<readonly Pod[]> =>
  (await carrel.client.list(PODS, { namespace: VSPHERE_NAMESPACE })).items.filter(
    ({ metadata }) => metadata.labels?.["stand-in.carrel.dev/namespace"] === namespace,
  );

describe("KubeVirt (a stand-in)", () => {
  let session: Session;
  let desk: Desk;
  const machine = (name: string): string =>
    JSON.stringify({
      apiVersion: "kubevirt.io/v1",
      kind: "VirtualMachine",
      metadata: { name },
      spec: {
        runStrategy: "Always",
        template: {
          metadata: { labels: { app: name } },
          spec: { domain: { cpu: { cores: 1 }, memory: { guest: "256Mi" }, devices: {} } },
        },
      },
    });

  test("a session is ready when its machine is, and the desk reaches the guest through the Service", async () => {
    ({ session, desk } = await startSession("kubevirt-vm", "virt"));
    const page = await guestPage(desk, "http://machine/");
    assert.match(page, /^guest machine$/m);
    assert.match(page, /^Linux machine 6\..* x86_64/m);
    // The public half of the key that Carrel made for this session.
    assert.match(page, /^key ssh-ed25519 [A-Za-z0-9+/=]+/m);
    assert.equal(await guestPage(desk, "http://machine/lesson"), "machine is ready for the lesson\n");
  });

  test("the launcher pod passed the webhook and Pod Security, and is charged to the session's budget", async () => {
    const [pod] = await launchersOf(session.spec.workspace);
    assert.match(pod?.metadata.name ?? "", /^virt-launcher-machine-[0-9a-f]{5}$/);
    const { requests, limits } = pod?.spec.containers[0]?.resources ?? {};
    assert.deepEqual([requests?.["cpu"], requests?.["memory"]], ["100m", "484Mi"]);
    assert.deepEqual([limits?.["cpu"], limits?.["memory"]], ["1", "968Mi"]);
  });

  test("the learner makes a second machine, which counts, and its guest answers", async () => {
    const { code, output } = await desk.run("kubectl apply -f -", machine("second"));
    assert.equal(code, 0, output);
    const waited = await desk.run("kubectl wait vm/second --for=jsonpath='{.status.ready}'=true --timeout=55s");
    assert.equal(waited.code, 0, waited.output);
    const address = await desk.run("kubectl get vmi second -o jsonpath='{.status.interfaces[0].ipAddress}'");
    assert.match(await guestPage(desk, `http://${address.output}:8080/`), /^guest second$/m);
  });

  test("a third is beyond the quota, and the error says which", async () => {
    const { code, output } = await desk.run("kubectl apply -f -", machine("third"));
    assert.notEqual(code, 0);
    assert.match(output, /exceeded quota: .*count\/virtualmachines\.kubevirt\.io=1.*limited: count\/virtualmachines/);
  });

  const refused: [string, string, RegExp][] = [
    ["an instance without a machine", "kubectl auth can-i create virtualmachineinstances.kubevirt.io", /^no/],
    ["a machine in another namespace", "kubectl auth can-i create virtualmachines.kubevirt.io -n default", /^no/],
    ["a machine of the other operator", "kubectl auth can-i create virtualmachines.vmoperator.vmware.com", /^no/],
    ["hiding the lesson's machine", "kubectl label vm machine carrel.dev/object-", /\[managed-objects\].*must stay/],
    ["deleting its launcher's finalizers", "kubectl patch vmi second -p '{}' --type merge", /cannot patch/],
  ];
  for (const [what, command, message] of refused) {
    test(`refused: ${what}`, async () => {
      const { code, output } = await desk.run(command);
      assert.notEqual(code, 0, output);
      assert.match(output, message);
    });
  }

  test("without the template's rules a learner makes none at all", async () => {
    const other = await startSession("terminal", "plain");
    const { code, output } = await other.desk.run("kubectl apply -f -", machine("mine"));
    assert.notEqual(code, 0);
    assert.match(output, /cannot (get|create) resource "virtualmachines"/);
    await carrel.backend.endSession(other.session.metadata.name);
  });

  test("at the end the machines go first, then the namespace; nothing is left", async () => {
    const { workspace } = session.spec;
    const launchers = (await launchersOf(workspace)).map(({ metadata }) => `Pod ${metadata.name}`);
    assert.equal(launchers.length, 2);
    const order = await watchOrder(carrel.client, [kubevirt.VIRTUAL_MACHINES, NAMESPACES, PODS] as Resource[]);
    await carrel.backend.endSession(session.metadata.name);
    await ended(session);
    await eventually(() => assert.ok(order.gone.has(`Namespace ${workspace}`)));
    await order[Symbol.asyncDispose]();
    const namespaceMarked = order.marked.get(`Namespace ${workspace}`) ?? 0n;
    for (const name of ["machine", "second"]) {
      const [marked, gone] = [order.marked, order.gone].map((moments) => moments.get(`VirtualMachine ${name}`) ?? 0n);
      assert.ok(marked !== undefined && gone !== undefined && marked > 0n && gone > 0n, `${name} was seen to go`);
      assert.ok(gone < namespaceMarked, `${name}: marked ${marked}, gone ${gone}; namespace marked ${namespaceMarked}`);
    }
    for (const pod of launchers) {
      const gone = order.gone.get(pod) ?? 0n;
      assert.ok(gone > 0n && gone < namespaceMarked, `${pod} stopped at ${gone}, before ${namespaceMarked}`);
    }
    assert.deepEqual(await objectsMentioning(carrel.client, [workspace]), []);
  });
});

describe("VM Operator (a stand-in)", () => {
  let session: Session;
  let desk: Desk;
  const machine = (name: string): string =>
    JSON.stringify({
      apiVersion: "vmoperator.vmware.com/v1alpha4",
      kind: "VirtualMachine",
      metadata: { name },
      spec: { className: "lesson-small", imageName: "linux", powerState: "PoweredOn" },
    });

  test("a session is ready when its machine has an address, which the desk knows and reaches", async () => {
    ({ session, desk } = await startSession("vmoperator-vm", "vmop"));
    const { output: ip } = await desk.run("printf %s $MACHINE");
    const found = await carrel.client.get(vmoperator.VIRTUAL_MACHINES, "machine", {
      namespace: session.spec.workspace,
    });
    assert.equal(ip, found.status?.network?.primaryIP4);
    const [guest] = await guestsOf(session.spec.workspace);
    assert.equal(ip, guest?.status?.podIP, "outside the session's namespace");
    const page = await guestPage(desk, `http://${ip}:8080/`);
    assert.match(page, /^guest machine$/m);
    assert.match(page, /^key ssh-ed25519 /m);
    assert.match(await guestPage(desk, "http://machine/"), /^guest machine$/m, "through the VirtualMachineService");
  });

  test("nothing runs in the session's namespace but the desk", async () => {
    const { items } = await carrel.client.list(PODS, { namespace: session.spec.workspace });
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ["desk"],
    );
  });

  test("a second machine counts, runs and answers; a third is beyond the quota", async () => {
    const second = await desk.run("kubectl apply -f -", machine("second"));
    assert.equal(second.code, 0, second.output);
    const jsonpath = "{.status.network.primaryIP4}";
    const waited = await desk.run(
      `kubectl wait virtualmachine.v1alpha4.vmoperator.vmware.com/second --for=jsonpath='${jsonpath}' --timeout=55s`,
    );
    assert.equal(waited.code, 0, waited.output);
    const { output: ip } = await desk.run(
      `kubectl get virtualmachine.v1alpha4.vmoperator.vmware.com second -o jsonpath='${jsonpath}'`,
    );
    assert.match(await guestPage(desk, `http://${ip}:8080/`), /^guest second$/m);
    const third = await desk.run("kubectl apply -f -", machine("third"));
    assert.notEqual(third.code, 0);
    assert.match(third.output, /exceeded quota: .*count\/virtualmachines\.vmoperator\.vmware\.com/);
  });

  test("at the end the machines go first, their guests with them, and nothing is left", async () => {
    const { workspace } = session.spec;
    const order = await watchOrder(carrel.client, [vmoperator.VIRTUAL_MACHINES, NAMESPACES] as Resource[]);
    await carrel.backend.endSession(session.metadata.name);
    await ended(session);
    await eventually(() => assert.ok(order.gone.has(`Namespace ${workspace}`)));
    await order[Symbol.asyncDispose]();
    const namespaceMarked = order.marked.get(`Namespace ${workspace}`) ?? 0n;
    for (const name of ["machine", "second"]) {
      const gone = order.gone.get(`VirtualMachine ${name}`) ?? 0n;
      assert.ok(gone > 0n && gone < namespaceMarked, `${name} gone at ${gone}, namespace marked at ${namespaceMarked}`);
    }
    assert.deepEqual(await guestsOf(workspace), []);
    assert.deepEqual(await objectsMentioning(carrel.client, [workspace]), []);
  });

  test("a machine that somebody holds is named, and its finalizer stays until it is let go", async () => {
    const { client, backend } = carrel;
    const plain = await client.get(SESSION_TEMPLATES, "vmoperator-vm");
    const objects = plain.spec.objects.map((object) =>
      object.name === "machine" ? { ...object, finalizedExternally: { timeout: "5s" } } : object,
    );
    const { apiVersion, kind } = plain;
    const spec = { ...plain.spec, objects, network: { egress: [] } };
    await client.apply(SESSION_TEMPLATES, { apiVersion, kind, metadata: { name: "held" }, spec }, { force: true });
    resources.defer(() => client.delete(SESSION_TEMPLATES, "held"));
    const { session: held, desk: cut } = await startSession("held", "holder");
    assert.notEqual((await cut.run("curl -s -m 3 http://$MACHINE:8080/")).code, 0, "without egress nothing is reached");
    const namespace = held.spec.workspace;
    const hold = (value: string | null): Promise<unknown> => {
      const annotations = { "delete.check.vmoperator.vmware.com/exam": value };
      return client.mergePatch(vmoperator.VIRTUAL_MACHINES, "machine", { metadata: { annotations } }, { namespace });
    };
    await hold("until it is marked");
    await backend.endSession(held.metadata.name);
    await eventually(
      async () => {
        const { items } = await client.list(EVENTS);
        const note = items.find(
          ({ reason, regarding }) => reason === "TeardownBlocked" && regarding?.name === held.spec.workspace,
        )?.note;
        assert.match(note ?? "no event", /machine/);
        assert.match(note ?? "", /vmoperator\.vmware\.com\/virtualmachine/);
      },
      { timeoutMs: 60_000, everyMs: 250 },
    );
    const found = await client.get(vmoperator.VIRTUAL_MACHINES, "machine", { namespace });
    assert.deepEqual(found.metadata.finalizers, ["vmoperator.vmware.com/virtualmachine"]);
    assert.equal((await guestsOf(namespace)).length, 1, "the guest goes on");
    assert.notEqual((await client.get(SESSIONS, held.metadata.name)).status?.phase, "Ended");
    await hold(null);
    await ended(held);
    assert.deepEqual(await guestsOf(namespace), []);
    assert.deepEqual(await objectsMentioning(client, [namespace]), []);
  });
});
