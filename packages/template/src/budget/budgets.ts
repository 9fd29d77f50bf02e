import { Quantity, type BudgetSize, type SessionTemplateSpec } from "@carrel/api";
import { parseAmounts, pickAmounts, type Amounts } from "./amounts.ts";

/** What all the learner's objects in all namespaces of a session together may use. */
export interface Budget {
  /** By key of a ResourceQuota. */
  readonly hard: Amounts;
  /** Limits of a container that names none. */
  readonly defaultCpu: Quantity;
  readonly defaultMemory: Quantity;
  /** Largest single volume claim; undefined: any. */
  readonly volume: Quantity | undefined;
}

/** The columns of a named size. */
interface Size {
  readonly cpu: number;
  readonly memoryGi: number;
  readonly ephemeralGi: number;
  readonly pods: number;
  readonly volumes: number;
  /** Largest single volume. */
  readonly volumeGi: number;
  readonly replicationControllers: number;
  readonly secrets: number;
  readonly services: number;
}

const size = (
  [cpu, memoryGi, ephemeralGi, pods]: readonly [number, number, number, number],
  [volumes, volumeGi]: readonly [number, number],
  [replicationControllers, secrets, services]: readonly [number, number, number],
): Size => ({ cpu, memoryGi, ephemeralGi, pods, volumes, volumeGi, replicationControllers, secrets, services });

/** The named sizes: cpu, memory, ephemeral storage, pods; volumes of how much; controllers, Secrets, Services. */
const SIZES: Readonly<Record<BudgetSize, Size>> = {
  small: size([1, 1, 5, 20], [3, 1], [10, 20, 5]),
  medium: size([2, 2, 10, 30], [6, 5], [15, 25, 10]),
  large: size([4, 4, 20, 50], [12, 10], [25, 35, 20]),
  "x-large": size([8, 8, 40, 70], [18, 20], [35, 45, 30]),
  "xx-large": size([8, 12, 60, 90], [24, 20], [45, 55, 40]),
  "xxx-large": size([8, 16, 80, 110], [30, 20], [55, 65, 50]),
};
const LARGEST = SIZES["xxx-large"];

/** What costs outside of the namespace or beyond any size: none, unless the template's `quota` asks for some. */
const NONE_UNLESS_ASKED = [
  "services.loadbalancers",
  "services.nodeports",
  "requests.nvidia.com/gpu",
  "requests.amd.com/gpu",
  "requests.gpu.intel.com/i915",
  "requests.gpu.intel.com/xe",
  "count/virtualmachines.kubevirt.io",
  "count/virtualmachineinstances.kubevirt.io",
  "count/virtualmachines.vmoperator.vmware.com",
];

/** Keys that an `unlimited` budget does not bound. */
const AMOUNT_KEYS = /^(requests|limits)\.(cpu|memory|ephemeral-storage|storage)$/;
/** Other names that Kubernetes has for the same key. */
const ALIASES: Readonly<Record<string, string>> = { cpu: "requests.cpu", memory: "requests.memory" };

const count = (n: number): Quantity => Quantity.parse(String(n));
const gibi = (n: number): Quantity => Quantity.parse(`${n}Gi`);

/**
 * The budget of a template: its named size with its `quota` on top. `custom` counts objects that `quota` does not name
 * like the largest size does, so that nothing is ever unbounded by oversight; `unlimited` bounds nothing but numbers of
 * objects. Requests are bounded like limits unless `quota` says otherwise. Pure.
 *
 * @throws CarrelError `INVALID` for an amount that is no quantity.
 */
export function budgetOf({ budget, quota }: Pick<SessionTemplateSpec, "budget" | "quota">): Budget {
  const named = budget === "custom" || budget === "unlimited" ? undefined : SIZES[budget];
  const asked = requestsLikeLimits(
    Object.fromEntries(Object.entries(parseAmounts(quota)).map(([key, amount]) => [ALIASES[key] ?? key, amount])),
  );
  const base = hardOf(named ?? LARGEST);
  const bounded = budget === "unlimited" ? pickAmounts(base, (key) => !AMOUNT_KEYS.test(key)) : base;
  const small = named?.cpu === 1;
  return {
    hard: { ...bounded, ...asked },
    defaultCpu: Quantity.parse(small ? "250m" : "500m"),
    defaultMemory: Quantity.parse(small ? "256Mi" : "512Mi"),
    volume: budget === "unlimited" ? undefined : gibi((named ?? LARGEST).volumeGi),
  };
}

function hardOf(of: Size): Amounts {
  const [cpu, memory, ephemeral] = [count(of.cpu), gibi(of.memoryGi), gibi(of.ephemeralGi)];
  const [pods, services, secrets] = [count(of.pods), count(of.services), count(of.secrets)];
  return {
    pods,
    "requests.cpu": cpu,
    "limits.cpu": cpu,
    "requests.memory": memory,
    "limits.memory": memory,
    "requests.ephemeral-storage": ephemeral,
    "limits.ephemeral-storage": ephemeral,
    "requests.storage": gibi(of.volumes * of.volumeGi),
    persistentvolumeclaims: count(of.volumes),
    replicationcontrollers: count(of.replicationControllers),
    secrets,
    configmaps: secrets,
    services,
    "count/ingresses.networking.k8s.io": services,
    "count/serviceaccounts": services,
    "count/roles.rbac.authorization.k8s.io": services,
    "count/rolebindings.rbac.authorization.k8s.io": services,
    // Finished pods too: `pods` counts the running ones only.
    "count/pods": pods.times(2),
    "count/deployments.apps": pods,
    "count/statefulsets.apps": pods,
    "count/daemonsets.apps": pods,
    // A Deployment keeps those of its last revisions.
    "count/replicasets.apps": pods.times(3),
    "count/jobs.batch": pods,
    "count/cronjobs.batch": pods,
    "count/horizontalpodautoscalers.autoscaling": pods,
    ...Object.fromEntries(NONE_UNLESS_ASKED.map((key) => [key, Quantity.zero])),
  };
}

function requestsLikeLimits(asked: Amounts): Amounts {
  const requests = Object.entries(asked)
    .filter(([key]) => key.startsWith("limits."))
    .map(([key, amount]) => [key.replace("limits.", "requests."), amount] as const);
  return { ...Object.fromEntries(requests), ...asked };
}
