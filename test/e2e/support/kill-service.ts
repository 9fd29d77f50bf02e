import { readdir, readFile, readlink } from "node:fs/promises";
import { SYSTEM_NAMESPACE } from "@carrel/cli";
import { PODS, type KubeClient, type Pod } from "@carrel/kube";
import { eventually } from "@carrel/testkit";

async function podsOf(client: KubeClient, component: string): Promise<readonly Pod[]> {
  const { items } = await client.list(PODS, {
    namespace: SYSTEM_NAMESPACE,
    labelSelector: `app.kubernetes.io/component=${component}`,
  });
  return items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

/** Waits until every pod of a service is ready. */
async function serviceReady(client: KubeClient, component: string): Promise<void> {
  await eventually(
    async () => {
      const pods = await podsOf(client, component);
      const ready = pods.filter((pod) =>
        pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
      );
      if (pods.length === 0 || ready.length < pods.length)
        throw new Error(`${ready.length} of ${pods.length} pods of ${component} are ready`);
    },
    { timeoutMs: 60_000 },
  );
}

/** Kills services and lets Kubernetes start them again. */
export class ServiceKiller {
  readonly #client: KubeClient;
  /** UIDs of pods that were killed: the kubelet would wait longer and longer before it starts them again. */
  readonly #killed = new Set<string>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Gives a service fresh pods when one of them was killed before: a test that kills often would only measure that wait. */
  async freshPods(component: string): Promise<void> {
    for (const pod of await podsOf(this.#client, component)) {
      if (!this.#killed.has(pod.metadata.uid ?? "")) continue;
      await this.#client.delete(PODS, pod.metadata.name, { namespace: SYSTEM_NAMESPACE, gracePeriodSeconds: 1 });
    }
    await serviceReady(this.#client, component);
  }

  /** kill -9 of the process of each pod of a service. */
  async kill(component: string): Promise<void> {
    await eventually(
      async () => {
        let killed = 0;
        for (const pod of await podsOf(this.#client, component)) {
          for (const pid of await pidsOf(pod.metadata.uid ?? "")) {
            process.kill(pid, "SIGKILL");
            this.#killed.add(pod.metadata.uid ?? "");
            killed += 1;
          }
        }
        if (killed === 0) throw new Error(`no process of ${component} was found`);
      },
      { timeoutMs: 30_000 },
    );
  }
}

/** Processes of a pod on this machine's embedded node, but the pause process. */
async function pidsOf(podUid: string): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const cgroup = await readFile(`/proc/${entry}/cgroup`, "utf8").catch(() => "");
    if (!cgroup.includes(podUid)) continue;
    const program = await readlink(`/proc/${entry}/exe`).catch(() => "");
    if (program !== "" && !program.endsWith("/pause") && !program.includes("carrel-node")) pids.push(Number(entry));
  }
  return pids;
}
