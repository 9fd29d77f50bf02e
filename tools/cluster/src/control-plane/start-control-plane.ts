import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@carrel/std";
import { type ApiClient, createApiClient } from "../api/api-client.ts";
import { AUDIT_POLICY } from "../api/audit-policy.ts";
import { type CertificateSpec, issueCertificates } from "../certificates/issue-certificates.ts";
import { writeKubeconfig } from "../certificates/kubeconfig.ts";
import { type Component, waitForComponents } from "../process/component.ts";
import { endProcess } from "../process/end-process.ts";
import { pickFreePorts } from "../process/pick-free-ports.ts";
import { spawnDaemon } from "../process/spawn-daemon.ts";
import { ensureProgram } from "../programs/ensure-program.ts";
import { ensureSystemPrograms } from "../system/ensure-system-programs.ts";
import { apiServerArguments } from "./api-server-arguments.ts";
import { apiServerCertificates } from "./api-server-certificates.ts";
import type { ControlPlane, ControlPlaneOptions, RestartApiServerOptions } from "./control-plane.ts";
import { controllerManagerArguments } from "./controller-manager-arguments.ts";
import { etcdArguments } from "./etcd-arguments.ts";
import { makeScratchDirectory } from "./scratch-directory.ts";

const READY_TIMEOUT_MS = 60_000;

/**
 * Starts etcd and kube-apiserver (3 s), and kube-controller-manager on request, for integration tests: a real API
 * server without nodes. Needs no root. Start one per test file and give every test its own namespace.
 * @throws ClusterError `COMPONENT_FAILED` with the failed component's last log lines; nothing is left behind then.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { signal, onProgress } = options;
  await ensureSystemPrograms(["setpriv"], { signal, onProgress });
  const program = await ensureProgram("carrel-k8s", { signal, onProgress });
  await using cleanup = new AsyncDisposableStack();

  const directory = await makeScratchDirectory();
  cleanup.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const certificates = join(directory, "certificates");
  const logs = join(directory, "logs");
  await Promise.all([mkdir(certificates), mkdir(logs)]);
  const [clientPort = 0, peerPort = 0, port = 0] = await pickFreePorts(3);
  const server = `https://127.0.0.1:${port}`;
  const auditLogPath = options.auditLog === true ? join(logs, "audit.log") : undefined;
  const auditPolicyPath = join(directory, "audit-policy.json");
  await writeFile(auditPolicyPath, JSON.stringify(AUDIT_POLICY));
  await issueCertificates(apiServerCertificates(certificates, []), { signal, onProgress });

  const running = new Map<string, Component>();
  const launch = async (name: string, args: readonly string[]): Promise<Component> => {
    const logPath = join(logs, `${name}.log`);
    const identity = await spawnDaemon(program, [name, ...args], { logPath, lifetime: "with-parent", cwd: directory });
    const component = { name, identity, logPath };
    running.set(name, component);
    return component;
  };
  cleanup.defer(async () => {
    await Promise.all([...running.values()].map((component) => endProcess(component.identity, 0)));
  });

  const kubeconfigPath = join(directory, "admin.kubeconfig");
  const kubeconfig = await writeKubeconfig(kubeconfigPath, {
    server,
    certificates,
    name: "admin",
    user: "kubernetes-admin",
  });
  const api = createApiClient(kubeconfig);
  cleanup.use(api);

  const etcd = await launch("etcd", etcdArguments(join(directory, "etcd"), clientPort, peerPort));
  const startApiServer = async (within: AbortSignal | undefined): Promise<void> => {
    const apiServer = await launch("kube-apiserver", [
      ...apiServerArguments({
        certificates,
        port,
        etcdUrl: `http://127.0.0.1:${clientPort}`,
        bindAddress: "127.0.0.1",
        ...(auditLogPath === undefined ? {} : { audit: { policyPath: auditPolicyPath, logPath: auditLogPath } }),
      }),
      ...(options.extraApiServerArgs ?? []),
    ]);
    const what = `${server}/readyz answers 200`;
    const wait = { what, timeoutMs: READY_TIMEOUT_MS, signal: within };
    await waitForComponents([apiServer, etcd], (look) => isReady(api, look), wait);
  };
  await startApiServer(signal);

  if (options.controllerManager === true) {
    const path = join(directory, "controller-manager.kubeconfig");
    await writeKubeconfig(path, {
      server,
      certificates,
      name: "controller-manager",
      user: "system:kube-controller-manager",
    });
    const manager = await launch("kube-controller-manager", controllerManagerArguments(certificates, path));
    const wait = { what: "namespace default has its ServiceAccount", timeoutMs: READY_TIMEOUT_MS, signal };
    await waitForComponents([manager, etcd], (look) => hasDefaultServiceAccount(api, look), wait);
  }

  const owned = cleanup.move();
  return {
    server,
    caPem: await readFile(join(certificates, "ca.crt"), "utf8"),
    kubeconfig,
    kubeconfigPath,
    directory,
    auditLogPath,
    get pids() {
      return Object.fromEntries([...running.values()].map(({ name, identity }) => [name, identity.pid]));
    },
    async createKubeconfig(user, groups = []) {
      const name = `user-${createHash("sha256")
        .update(JSON.stringify([user, groups]))
        .digest("hex")
        .slice(0, 16)}`;
      const spec: CertificateSpec = { name, ca: "ca", user, groups };
      await issueCertificates({ dir: certificates, cas: ["ca"], certs: [spec] });
      const path = join(directory, `${name}.kubeconfig`);
      return { path, kubeconfig: await writeKubeconfig(path, { server, certificates, name, user }) };
    },
    async restartApiServer(restart: RestartApiServerOptions = {}) {
      const apiServer = running.get("kube-apiserver");
      if (apiServer !== undefined) await endProcess(apiServer.identity, restart.with === "SIGTERM" ? 20_000 : 0);
      await systemClock.sleep(restart.downMs ?? 0, restart.signal);
      await startApiServer(restart.signal);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function isReady(api: ApiClient, signal: AbortSignal): Promise<boolean> {
  const answer = await api.send({ method: "GET", path: "/readyz", signal, timeoutMs: 2000 }).catch(() => undefined);
  return answer?.status === 200;
}

async function hasDefaultServiceAccount(api: ApiClient, signal: AbortSignal): Promise<boolean> {
  const path = "/api/v1/namespaces/default/serviceaccounts/default";
  const answer = await api.send({ method: "GET", path, signal }).catch(() => undefined);
  return answer?.status === 200;
}
