import { SYSTEM_NAMESPACE } from "@carrel/cli";
import { PODS, type KubeClient } from "@carrel/kube";

const SERVICES = ["provisioner", "reaper", "webhook", "proxy"] as const;
const SAMPLE = /^carrel_kube_requests(?:_total)?\{(.*)\} (\d+)/;

/** How many calls each service of Carrel has made to the API server; without watches, leases and lists at their start. */
export type ServiceCalls = Readonly<Record<string, number>>;

/** Reads the counters of all pods of Carrel. */
export async function serviceCalls(client: KubeClient): Promise<ServiceCalls> {
  const counted: Record<string, number> = {};
  for (const service of SERVICES) {
    const { items } = await client.list(PODS, {
      namespace: SYSTEM_NAMESPACE,
      labelSelector: `app.kubernetes.io/component=${service}`,
    });
    for (const { metadata } of items.filter((pod) => pod.status?.phase === "Running")) {
      const path = `/api/v1/namespaces/${SYSTEM_NAMESPACE}/pods/${metadata.name}:8081/proxy/metrics`;
      counted[service] = (counted[service] ?? 0) + sumOf(String(await client.getRaw(path)));
    }
  }
  return counted;
}

/** What was called since. */
export function callsSince(before: ServiceCalls, now: ServiceCalls): string {
  return Object.keys(now)
    .map((service) => `${service} ${(now[service] ?? 0) - (before[service] ?? 0)}`)
    .join(", ");
}

function sumOf(metrics: string): number {
  let sum = 0;
  for (const line of metrics.split("\n")) {
    const [, labels = "", count] = SAMPLE.exec(line) ?? [];
    if (count === undefined || /verb="(watch|list)"|resource="leases/.test(labels)) continue;
    sum += Number(count);
  }
  return sum;
}
