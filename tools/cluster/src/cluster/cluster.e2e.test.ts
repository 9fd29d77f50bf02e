import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { hasCode } from "@carrel/std";
import { buildScratchImage } from "../images/build-scratch-image.ts";
import { hasImage, loadImage } from "../images/load-image.ts";
import { runCommand } from "../process/run-command.ts";
import { pickFreePorts } from "../process/pick-free-ports.ts";
import { waitUntil } from "../process/wait-until.ts";
import { ensureProgram } from "../programs/ensure-program.ts";
import { cgroupProcesses } from "./cgroups.ts";
import type { Cluster } from "./cluster.ts";
import { clusterPaths } from "./cluster-paths.ts";
import { clusterProcesses } from "./cluster-processes.ts";
import { clusterStatus } from "./cluster-status.ts";
import { forwardLocal } from "./forward-local.ts";
import { startCluster } from "./start-cluster.ts";
import { stopCluster } from "./stop-cluster.ts";
import { mountsBelow } from "./unmount-below.ts";

const NAME = `test-${process.pid}`;
const PROBE = "carrel.dev/probe:test";

function probePod(namespace: string, name: string, args: readonly string[], more: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "probe",
          image: PROBE,
          imagePullPolicy: "Never",
          args,
          ports: [{ name: "http", containerPort: 8080 }],
          resources: { limits: { memory: "32Mi", cpu: "100m" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          ...more,
        },
      ],
    },
  };
}

const httpReady = { readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 1 } };

function policy(namespace: string, name: string, spec: object): object {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { namespace, name }, spec };
}

describe("a cluster", () => {
  let cluster: Cluster;
  let kubectlPath: string;

  const kubectl = (args: readonly string[], input = ""): Promise<string> =>
    runCommand(kubectlPath, [`--kubeconfig=${cluster.kubeconfigPath}`, ...args], { input, timeoutMs: 90_000 });
  const apply = (...items: readonly object[]): Promise<string> =>
    kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const namespaceObject = (name: string, labels = {}): object => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels },
  });
  const ready = (namespace: string, ...pods: string[]): Promise<string> =>
    kubectl(["wait", "-n", namespace, "--for=condition=Ready", "--timeout=60s", ...pods.map((pod) => `pod/${pod}`)]);
  const ipOf = (namespace: string, pod: string): Promise<string> =>
    kubectl(["get", "pod", "-n", namespace, pod, "-o", "jsonpath={.status.podIP}"]);
  /** Whether a connection from a pod succeeds; one try of one second. */
  const reaches = async (namespace: string, pod: string, address: string): Promise<boolean> => {
    const output = await kubectl(["exec", "-n", namespace, pod, "--", "/probe", "dial", address]).catch(
      (error: Error) => error.message,
    );
    assert.match(output, /^(open|closed) /m, output);
    return /^open /m.test(output);
  };
  /** Waits until a change of policies shows, and then makes sure that it stays. */
  const becomes = async (wanted: boolean, namespace: string, pod: string, address: string): Promise<void> => {
    const what = `${namespace}/${pod} ${wanted ? "reaches" : "cannot reach"} ${address}`;
    const look = async (): Promise<true | undefined> =>
      (await reaches(namespace, pod, address)) === wanted ? true : undefined;
    await waitUntil(look, { what, timeoutMs: 15_000 });
    assert.equal(await reaches(namespace, pod, address), wanted, what);
  };

  before(async () => {
    cluster = await startCluster({ name: NAME });
    kubectlPath = await ensureProgram("kubectl");
    const binary = await ensureProgram("carrel-node");
    assert.equal(await hasImage(cluster, PROBE), false);
    const archive = await buildScratchImage({ name: PROBE, binary, binaryName: "probe" });
    assert.deepEqual(await loadImage(cluster, archive), [PROBE]);
    assert.equal(await hasImage(cluster, PROBE), true);
  });
  after(() => stopCluster(NAME));

  test("starting it again gives the same one at once", async () => {
    const pids = async (): Promise<number[]> => (await clusterStatus(NAME)).components.map(({ pid }) => pid);
    const before = await pids();
    const again = await startCluster({ name: NAME });
    assert.deepEqual(again, cluster);
    assert.deepEqual(await pids(), before);
  });

  test("pods run, find each other by name, and are reached through a node port and a loopback forward", async () => {
    await apply(
      namespaceObject("plain"),
      probePod("plain", "web", ["serve", "8080", "hello from web"], httpReady),
      probePod("plain", "shell", ["pause"]),
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { namespace: "plain", name: "web" },
        spec: {
          type: "NodePort",
          selector: { app: "web" },
          ports: [{ port: 80, targetPort: "http", nodePort: 31080 }],
        },
      },
    );
    await ready("plain", "web", "shell");
    const resolved = await kubectl(["exec", "-n", "plain", "shell", "--", "/probe", "resolve", "kubernetes.default"]);
    assert.equal(resolved.trim(), "10.96.0.1");
    assert.equal(await reaches("plain", "shell", "web.plain.svc.cluster.local:80"), true);
    // Hairpin: a pod behind its own Service.
    assert.equal(await reaches("plain", "web", "web.plain:80"), true);

    const [port = 0] = await pickFreePorts(1);
    await forwardLocal(cluster, port, 31080);
    for (const host of ["127.0.0.1", "[::1]"]) {
      const answer = await fetch(`http://${host}:${port}/`);
      assert.equal((await answer.text()).trim(), "hello from web");
    }
    await assert.rejects(forwardLocal({ ...cluster, name: "no-such" }, port, 31080), (error) =>
      hasCode(error, "NO_SUCH_CLUSTER"),
    );
  });

  test("network policies decide who reaches whom, the API server and the kubelet", async () => {
    await apply(
      namespaceObject("desk", { role: "learner" }),
      namespaceObject("friend", { role: "friend" }),
      probePod("desk", "web", ["serve", "8080", "web"], httpReady),
      probePod("desk", "shell", ["pause"]),
      probePod("friend", "shell", ["pause"]),
      probePod("friend", "web", ["serve", "8080", "web"], httpReady),
    );
    await ready("desk", "web", "shell");
    await ready("friend", "web", "shell");
    const web = `${await ipOf("desk", "web")}:8080`;
    const friend = `${await ipOf("friend", "web")}:8080`;
    const [apiServer, kubelet, dns] = ["10.96.0.1:443", `${cluster.nodeAddress}:10250`, "10.96.0.10:53"];

    for (const address of [web, friend, apiServer, kubelet, dns]) await becomes(true, "desk", "shell", address);
    await becomes(true, "friend", "shell", web);

    await apply(policy("desk", "deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }));
    for (const address of [web, friend, apiServer, kubelet, dns]) await becomes(false, "desk", "shell", address);
    await becomes(false, "friend", "shell", web);
    await becomes(true, "friend", "shell", friend);
    // Probes of the node pass every policy: the pod stays Ready.
    await ready("desk", "web");

    // Egress alone does not open the other pod's ingress.
    await apply(
      policy("desk", "out", { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ podSelector: {} }] }] }),
    );
    await becomes(false, "desk", "shell", web);
    await apply(
      policy("desk", "in", { podSelector: {}, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: "http" }] }] }),
    );
    await becomes(true, "desk", "shell", web);
    await becomes(false, "friend", "shell", web);

    const byRole = [
      { namespaceSelector: { matchLabels: { role: "friend" } }, podSelector: { matchLabels: { app: "shell" } } },
    ];
    await apply(
      policy("desk", "from-friend", { podSelector: {}, ingress: [{ from: byRole, ports: [{ port: 8080 }] }] }),
    );
    await becomes(true, "friend", "shell", web);
    await becomes(false, "friend", "web", web);

    // The Service address is translated first: the rule names the API server's real endpoint.
    const endpoint = { to: [{ ipBlock: { cidr: `${cluster.nodeAddress}/32` } }], ports: [{ port: 6443 }] };
    await apply(policy("desk", "api", { podSelector: {}, policyTypes: ["Egress"], egress: [endpoint] }));
    await becomes(true, "desk", "shell", apiServer);
    await becomes(false, "desk", "shell", kubelet);

    await kubectl(["label", "namespace", "friend", "role=stranger", "--overwrite"]);
    await becomes(false, "friend", "shell", web);
  });

  test("a new pod is covered before its first instruction", async () => {
    const web = `${await ipOf("friend", "web")}:8080`;
    await apply(
      probePod("desk", "early", ["dial", "--stay", web]),
      // In a namespace without policies the very first packet passes: nothing waits for the pod's status.
      probePod("plain", "early", ["dial", "--stay", web]),
    );
    await ready("desk", "early");
    await ready("plain", "early");
    const said = async (namespace: string): Promise<string> =>
      waitUntil(async () => (await kubectl(["logs", "-n", namespace, "early"])) || undefined, {
        what: `${namespace}/early has said something`,
        timeoutMs: 10_000,
      });
    assert.match(await said("desk"), /^closed /);
    const [, took] = /^open \S+ after (\d+) ms/.exec(await said("plain")) ?? [];
    // A lost first packet would be sent again after 1,000 ms.
    assert.ok(Number(took) < 900, await said("plain"));
  });

  test("the audit log counts requests by user, verb and resource", async () => {
    await kubectl(["get", "configmap", "-n", "plain", "--as=alice"]).catch(() => "");
    const events = (await readFile(cluster.auditLogPath, "utf8"))
      .trim()
      .split("\n")
      .map(
        (line) =>
          JSON.parse(line) as {
            verb: string;
            impersonatedUser?: { username: string };
            objectRef?: { resource: string };
          },
      );
    const byAlice = events.filter((event) => event.impersonatedUser?.username === "alice");
    assert.deepEqual(
      byAlice.map((event) => `${event.verb} ${event.objectRef?.resource}`),
      ["list configmaps"],
    );
  });

  test("a crashed one is seen, and started again over its ruins", async () => {
    const { components } = await clusterStatus(NAME);
    for (const { name, pid } of components) {
      if (name === "kubelet" || name === "containerd" || name === "etcd") process.kill(pid, "SIGKILL");
    }
    await waitUntil(async () => ((await clusterStatus(NAME)).state === "broken" ? true : undefined), {
      what: "the status says broken",
      timeoutMs: 10_000,
    });
    cluster = await startCluster({ name: NAME });
    assert.equal((await clusterStatus(NAME)).state, "running");
    const pods = await kubectl(["get", "pods", "-A", "-o", "name"]);
    assert.match(pods.trim(), /^pod\/coredns-\S+$/, "the new one starts empty");
  });

  test("a launcher that is killed half-way leaves nothing that a second one cannot remove", async () => {
    await stopCluster(NAME);
    for (const step of ["the API server is ready", "network policies are enforced", "DNS is Ready"]) {
      await killLauncherAt(NAME, step);
      assert.equal((await clusterStatus(NAME)).state, "starting");
    }
    assert.ok((await clusterProcesses(clusterPaths(NAME))).length > 0);
    cluster = await startCluster({ name: NAME });
    assert.equal((await clusterStatus(NAME)).state, "running");
  });

  test("stopping it, pods and all, leaves nothing on the machine", async () => {
    const paths = clusterPaths(NAME);
    const binary = await ensureProgram("carrel-node");
    await loadImage(cluster, await buildScratchImage({ name: PROBE, binary, binaryName: "probe" }));
    await apply(probePod("default", "web", ["serve", "8080", "web"], httpReady));
    await ready("default", "web");
    const [port = 0] = await pickFreePorts(1);
    await forwardLocal(cluster, port, 31080);
    assert.ok((await cgroupProcesses(paths.cgroup)).length >= 4);
    assert.ok((await mountsBelow(paths.root)).length >= 4);
    const shims = await shimSockets(paths.containerdState);
    assert.ok(shims.length >= 2 && shims.every((socket) => existsSync(socket)));
    const sandboxes = await readdir(join(paths.containerdRoot, "io.containerd.grpc.v1.cri", "sandboxes"));
    assert.ok((await outsideFiles(paths.podLogs, sandboxes)).length >= 2);

    await stopCluster(NAME);

    assert.deepEqual(await clusterProcesses(paths), []);
    assert.deepEqual(await mountsBelow(paths.root), []);
    assert.equal(existsSync(paths.root), false);
    assert.equal(existsSync(paths.networkNamespace), false);
    const links = await runCommand("ip", ["-brief", "address"]);
    assert.equal(links.includes(cluster.hostAddress), false, links);
    const cgroups = await runCommand("find", ["/sys/fs/cgroup", "-maxdepth", "2", "-name", paths.cgroup]);
    assert.equal(cgroups, "");
    assert.deepEqual(
      shims.filter((socket) => existsSync(socket)),
      [],
    );
    assert.deepEqual(await outsideFiles(paths.podLogs, sandboxes), []);
    assert.equal((await clusterStatus(NAME)).state, "absent");
    await stopCluster(NAME);
  });
});

/** Starts the cluster from another process and kills that as soon as it waits for a certain thing. */
async function killLauncherAt(name: string, step: string): Promise<void> {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const launcher = spawn(process.execPath, [main, "start", name], { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  for await (const chunk of launcher.stderr) {
    output += String(chunk);
    if (output.includes(`waiting until ${step} …`)) launcher.kill("SIGKILL");
  }
  assert.ok(output.includes(step) && !output.includes(`starting cluster ${name}: done`), output);
}

async function shimSockets(containerdState: string): Promise<string[]> {
  const tasks = join(containerdState, "io.containerd.runtime.v2.task", "k8s.io");
  const addresses = await Promise.all(
    (await readdir(tasks)).map((task) => readFile(join(tasks, task, "address"), "utf8").catch(() => "")),
  );
  return [...new Set(addresses.filter((address) => address !== ""))].map((address) => address.slice("unix://".length));
}

/** The files outside the cluster's directory that its kubelet and CNI plugins make. */
async function outsideFiles(podLogs: string, sandboxes: readonly string[]): Promise<string[]> {
  const links = await runCommand("find", ["/var/log/containers", "-lname", `${podLogs}/*`]).catch(() => "");
  const results = await readdir("/var/lib/cni/results").catch(() => []);
  return [
    ...links.split("\n").filter((line) => line !== ""),
    ...results.filter((entry) => sandboxes.some((sandbox) => entry.includes(sandbox))),
  ];
}
