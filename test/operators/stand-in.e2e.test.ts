import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { ensureProgram, startCluster, stopCluster, type Cluster } from "@carrel/cluster";
import {
  createKubeClient,
  isConditionTrue,
  isForbidden,
  isInvalid,
  loadKubeconfig,
  NAMESPACES,
  PODS,
  resource,
  RESOURCE_QUOTAS,
  SECRETS,
  SERVICES,
  type KubeObject,
  type Pod,
  type Resource,
} from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { installStandIn } from "./install-stand-in.ts";
import * as kubevirt from "./kubevirt/resources.ts";
import { MACHINE_IMAGE, VSPHERE_NAMESPACE } from "./stand-in-manifests.ts";
import * as vmoperator from "./vmoperator/resources.ts";

/** The stand-in alone, on a cluster without Carrel: guests are real, and end before their machines do. */
const NAME = `vms-${process.pid}`;
const NAMESPACE = "lesson";
const BOOT_MS = 60_000;
const SIGNAL = AbortSignal.timeout(25 * 60_000);

function kubevirtMachine(name: string, more: object = {}): kubevirt.VirtualMachine {
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      runStrategy: "Always",
      template: {
        metadata: { labels: { app: name } },
        spec: {
          domain: {
            cpu: { cores: 1 },
            memory: { guest: "128Mi" },
            devices: { interfaces: [{ name: "default", masquerade: {}, ports: [{ port: 8080 }] }] },
          },
          networks: [{ name: "default", pod: {} }],
          accessCredentials: [
            { sshPublicKey: { source: { secret: { secretName: "keys" } }, propagationMethod: { noCloud: {} } } },
          ],
          volumes: [
            { name: "disk", containerDisk: { image: "any" } },
            { name: "seed", cloudInitNoCloud: { userData: "#!/bin/sh\necho made by cloud-init > /www/extra\n" } },
          ],
        },
      },
      ...more,
    },
  } as unknown as kubevirt.VirtualMachine;
}

describe("the stand-in of KubeVirt and VM Operator", () => {
  let cluster: Cluster;
  let client: ReturnType<typeof createKubeClient>;
  let kubectlPath: string;

  before(async () => {
    const tell = (line: string): void => void process.stderr.write(`    ${line}\n`);
    cluster = await startCluster({ name: NAME, onProgress: tell });
    client = createKubeClient(await loadKubeconfig({ path: cluster.kubeconfigPath }), { userAgent: "stand-in-test" });
    kubectlPath = await ensureProgram("kubectl");
    await installStandIn({ cluster, client, signal: SIGNAL, tell });
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await client.create(NAMESPACES, { metadata: { name: NAMESPACE, labels } });
    await client.create(RESOURCE_QUOTAS, {
      metadata: { name: "lesson", namespace: NAMESPACE },
      spec: { hard: { "limits.cpu": "8", "limits.memory": "8Gi", "count/virtualmachines.kubevirt.io": "2" } },
    });
    await client.create(SECRETS, {
      metadata: { name: "keys", namespace: NAMESPACE },
      data: { learner: Buffer.from("ssh-ed25519 AAAA learner").toString("base64") },
    });
    await client.create(SERVICES, {
      metadata: { name: "first", namespace: NAMESPACE },
      spec: { type: "NodePort", selector: { app: "first" }, ports: [{ port: 80, targetPort: 8080, nodePort: 31180 }] },
    });
  });
  after(async () => {
    await client[Symbol.asyncDispose]();
    await stopCluster(NAME);
  });

  const page = async (path = ""): Promise<string> =>
    eventually(
      async () => {
        const url = `http://${cluster.nodeAddress}:31180/${path}`;
        const answer = await fetch(url, { signal: AbortSignal.timeout(3_000), headers: { connection: "close" } });
        assert.equal(answer.status, 200);
        return answer.text();
      },
      { timeoutMs: BOOT_MS, everyMs: 200 },
    );
  const launchers = async (): Promise<readonly Pod[]> =>
    (await client.list(PODS, { namespace: NAMESPACE, labelSelector: "kubevirt.io=virt-launcher" })).items;
  const guests = async (): Promise<readonly Pod[]> => (await client.list(PODS, { namespace: VSPHERE_NAMESPACE })).items;
  const kubevirtReady = (name: string): Promise<kubevirt.VirtualMachine> =>
    eventually(
      async () => {
        const machine = await client.get(kubevirt.VIRTUAL_MACHINES, name, { namespace: NAMESPACE });
        assert.equal(machine.status?.ready, true, JSON.stringify(machine.status));
        return machine;
      },
      { timeoutMs: BOOT_MS, everyMs: 100 },
    );
  const gone = (of: Resource, name: string): Promise<void> =>
    eventually(
      async () => {
        const { items } = await client.list(of, { namespace: NAMESPACE });
        assert.ok(!items.some(({ metadata }) => metadata.name === name), `${of.kind} ${name} is still there`);
      },
      { timeoutMs: BOOT_MS, everyMs: 100 },
    );

  describe("KubeVirt", () => {
    test("a machine becomes an instance, a launcher pod and a guest that answers through a Service", async () => {
      await client.create(kubevirt.VIRTUAL_MACHINES, kubevirtMachine("first"), { namespace: NAMESPACE });
      const machine = await kubevirtReady("first");
      assert.equal(machine.status?.printableStatus, "Running");
      assert.deepEqual(machine.metadata.finalizers, ["kubevirt.io/virtualMachineControllerFinalize"]);
      const instance = await client.get(kubevirt.VIRTUAL_MACHINE_INSTANCES, "first", { namespace: NAMESPACE });
      assert.deepEqual(instance.metadata.finalizers, ["kubevirt.io/foregroundDeleteVirtualMachine"]);
      assert.equal(instance.status?.phase, "Running");

      const text = await page();
      assert.match(text, /^guest first$/m);
      assert.match(text, /^Linux first 6\./m);
      assert.match(text, /^key ssh-ed25519 AAAA learner$/m);
      assert.equal(await page("extra"), "made by cloud-init\n");
    });

    test("its pod fits restricted and asks for what KubeVirt asks for where a quota bounds limits", async () => {
      const [pod] = await launchers();
      assert.match(pod?.metadata.name ?? "", /^virt-launcher-first-[0-9a-f]{5}$/);
      // 128Mi + 220Mi + 8Mi; its page tables are less than 1Mi.
      assert.deepEqual(pod?.spec.containers[0]?.resources, {
        requests: { cpu: "100m", memory: "356Mi" },
        limits: { cpu: "1", memory: "712Mi" },
      });
      const instance = await client.get(kubevirt.VIRTUAL_MACHINE_INSTANCES, "first", { namespace: NAMESPACE });
      assert.equal(instance.status?.interfaces?.[0]?.ipAddress, pod?.status?.podIP);
    });

    test("halting it stops the guest; starting it again boots another one", async () => {
      const boot = /^boot (\S+)$/m.exec(await page())?.[1];
      const patch = (runStrategy: string): Promise<unknown> =>
        client.mergePatch(kubevirt.VIRTUAL_MACHINES, "first", { spec: { runStrategy } }, { namespace: NAMESPACE });
      await patch("Halted");
      await gone(kubevirt.VIRTUAL_MACHINE_INSTANCES, "first");
      assert.deepEqual(await launchers(), []);
      await patch("Always");
      await kubevirtReady("first");
      const again = /^boot (\S+)$/m.exec(await page())?.[1];
      assert.ok(boot !== undefined && again !== undefined && boot !== again);
    });

    test("a quota bounds how many there are, and says so", async () => {
      await client.create(kubevirt.VIRTUAL_MACHINES, kubevirtMachine("second", { runStrategy: "Halted" }), {
        namespace: NAMESPACE,
      });
      await assert.rejects(
        client.create(kubevirt.VIRTUAL_MACHINES, kubevirtMachine("third"), { namespace: NAMESPACE }),
        (error) => isForbidden(error) && /exceeded quota: lesson.*count\/virtualmachines/.test(error.message),
      );
    });

    test("deleted: the power button is pressed, then pod, instance and machine go, in that order", async () => {
      const deletions = new Map<string, bigint>();
      const exits: number[] = [];
      const watching = new AbortController();
      const follow = async <T extends KubeObject>(of: Resource<T>, seen: (object: T) => void): Promise<void> => {
        const { resourceVersion } = await client.list(of, { namespace: NAMESPACE });
        void (async () => {
          const options = { namespace: NAMESPACE, resourceVersion, signal: watching.signal };
          for await (const event of client.watch(of, options)) {
            if (event.type === "BOOKMARK") continue;
            seen(event.object);
            if (event.type === "DELETED") deletions.set(of.kind, BigInt(event.object.metadata.resourceVersion ?? "0"));
          }
        })().catch(() => undefined);
      };
      await follow(PODS, ({ status }) => {
        const ended = status?.containerStatuses?.[0]?.state?.terminated;
        if (ended !== undefined) exits.push(ended.exitCode);
      });
      await follow(kubevirt.VIRTUAL_MACHINE_INSTANCES, () => undefined);
      await follow(kubevirt.VIRTUAL_MACHINES, () => undefined);
      await client.delete(kubevirt.VIRTUAL_MACHINES, "first", { namespace: NAMESPACE });
      await gone(kubevirt.VIRTUAL_MACHINES, "first");
      await eventually(() => assert.equal(deletions.size, 3));
      watching.abort();
      const {
        Pod: pod = 0n,
        VirtualMachineInstance: instance = 0n,
        VirtualMachine: machine = 0n,
      } = Object.fromEntries(deletions);
      assert.ok(pod > 0n && pod < instance && instance < machine, `${pod} ${instance} ${machine}`);
      // Killed, it would have been 137.
      assert.ok(exits.length > 0 && exits.every((code) => code === 0), exits.join());
    });
  });

  describe("VM Operator", () => {
    const machine = (name: string, more: object = {}): vmoperator.VirtualMachine => ({
      metadata: { name, namespace: NAMESPACE, labels: { app: name } },
      spec: {
        className: "tiny",
        imageName: MACHINE_IMAGE,
        bootstrap: { cloudInit: { sshAuthorizedKeys: ["ssh-ed25519 BBBB learner"] } },
        ...more,
      },
    });
    const withAddress = (name: string): Promise<vmoperator.VirtualMachine> =>
      eventually(
        async () => {
          const found = await client.get(vmoperator.VIRTUAL_MACHINES, name, { namespace: NAMESPACE });
          assert.ok(found.status?.network?.primaryIP4, JSON.stringify(found.status));
          return found;
        },
        { timeoutMs: BOOT_MS, everyMs: 100 },
      );

    test("a machine waits for its class, and says so", async () => {
      await client.create(vmoperator.VIRTUAL_MACHINES, machine("lab"), { namespace: NAMESPACE });
      await eventually(async () => {
        const { status } = await client.get(vmoperator.VIRTUAL_MACHINES, "lab", { namespace: NAMESPACE });
        const condition = status?.conditions?.find(({ type }) => type === "VirtualMachineClassReady");
        assert.equal(condition?.status, "False");
        assert.match(condition.message, /"tiny" not found/);
      });
      assert.deepEqual(await guests(), []);
      await client.create(vmoperator.VIRTUAL_MACHINE_CLASSES, {
        metadata: { name: "tiny", namespace: NAMESPACE },
        spec: { hardware: { cpus: 1, memory: "128Mi" } },
      });
      const { status, metadata } = await withAddress("lab");
      assert.equal(status?.powerState, "PoweredOn");
      assert.ok(isConditionTrue(status.conditions, "VirtualMachineCreated"));
      assert.deepEqual(metadata.finalizers, ["vmoperator.vmware.com/virtualmachine"]);
      const [guest] = await guests();
      assert.equal(status.network?.primaryIP4, guest?.status?.podIP);
    });

    test("a VirtualMachineService of type ClusterIP leads to it", async () => {
      await client.create(vmoperator.VIRTUAL_MACHINE_SERVICES, {
        metadata: { name: "lab", namespace: NAMESPACE },
        spec: {
          type: "ClusterIP",
          selector: { app: "lab" },
          ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080 }],
        },
      });
      const service = await eventually(() => client.get(SERVICES, "lab", { namespace: NAMESPACE }));
      const [guest] = await guests();
      const text = await eventually(
        async () => {
          const address = `http://${service.spec.clusterIP}/`;
          const command = ["exec", "-n", VSPHERE_NAMESPACE, guest?.metadata.name ?? "", "--", "wget", "-qO-", address];
          const args = [`--kubeconfig=${cluster.kubeconfigPath}`, ...command];
          return (await promisify(execFile)(kubectlPath, args, { timeout: 10_000 })).stdout;
        },
        { timeoutMs: 30_000, everyMs: 200 },
      );
      assert.match(text, /^guest lab$/m);
      assert.match(text, /^key ssh-ed25519 BBBB learner$/m);
    });

    test("the oldest version is served, with its own spelling", async () => {
      const old = resource("vmoperator.vmware.com/v1alpha1", "VirtualMachine", "virtualmachines");
      const { status } = (await client.get(old, "lab", { namespace: NAMESPACE })) as vmoperator.VirtualMachine;
      assert.ok(status?.vmIp);
      const off = {
        ...machine("off"),
        spec: { className: "tiny", imageName: MACHINE_IMAGE, powerState: "poweredOff" },
      };
      await client.create(old, off, { namespace: NAMESPACE });
      await eventually(async () => {
        const stored = await client.get(vmoperator.VIRTUAL_MACHINES, "off", { namespace: NAMESPACE });
        assert.equal(stored.status?.powerState, "PoweredOff");
      });
      assert.equal((await guests()).length, 1);
      await assert.rejects(
        client.create(old, machine("odd", { powerState: "PoweredOn" }), { namespace: NAMESPACE }),
        isInvalid,
      );
    });

    test("a delete check holds it; without one the guest goes first, then the finalizer", async () => {
      const annotate = (value: string | null): Promise<unknown> => {
        const annotations = { "delete.check.vmoperator.vmware.com/exam": value };
        return client.mergePatch(
          vmoperator.VIRTUAL_MACHINES,
          "off",
          { metadata: { annotations } },
          { namespace: NAMESPACE },
        );
      };
      await annotate("marked");
      await client.delete(vmoperator.VIRTUAL_MACHINES, "off", { namespace: NAMESPACE });
      await client.delete(vmoperator.VIRTUAL_MACHINES, "lab", { namespace: NAMESPACE });
      await gone(vmoperator.VIRTUAL_MACHINES, "lab");
      assert.deepEqual(await guests(), []);
      assert.ok(
        (await client.get(vmoperator.VIRTUAL_MACHINES, "off", { namespace: NAMESPACE })).metadata.deletionTimestamp,
      );
      await annotate(null);
      await gone(vmoperator.VIRTUAL_MACHINES, "off");
    });
  });

  test("a namespace that is deleted with machines of both in it goes, and so do the guests", async () => {
    await client.mergePatch(
      kubevirt.VIRTUAL_MACHINES,
      "second",
      { spec: { runStrategy: "Always" } },
      { namespace: NAMESPACE },
    );
    await client.create(
      vmoperator.VIRTUAL_MACHINES,
      { metadata: { name: "last", namespace: NAMESPACE }, spec: { className: "tiny", imageName: MACHINE_IMAGE } },
      { namespace: NAMESPACE },
    );
    await kubevirtReady("second");
    await eventually(async () => assert.equal((await guests()).length, 1));
    await client.delete(NAMESPACES, NAMESPACE);
    await eventually(
      async () => {
        const { items } = await client.list(NAMESPACES);
        assert.ok(!items.some(({ metadata }) => metadata.name === NAMESPACE));
      },
      { timeoutMs: 120_000, everyMs: 250 },
    );
    assert.deepEqual(await guests(), []);
  });
});
