import type { Pod } from "@carrel/kube";
import { LRUCache } from "lru-cache";
import type { PodKnowledge } from "./build-route.ts";

/** UIDs of vanished pods that are remembered: long enough for every Session to stop naming them. */
const MAX_GONE = 20_000;

/** The workspace pods of the cluster by UID and by address. */
export class DeskPods {
  readonly #byUid = new Map<string, Pod>();
  readonly #byAddress = new Map<string, Set<string>>();
  readonly #gone = new LRUCache<string, true>({ max: MAX_GONE });

  /** Takes a pod's new state; returns the UIDs of all pods that this may concern: itself, and who has its address. */
  set(pod: Pod): readonly string[] {
    const uid = pod.metadata.uid ?? "";
    const concerned = new Set([uid, ...this.#release(uid)]);
    this.#byUid.set(uid, pod);
    const address = addressOf(pod);
    if (address !== undefined) {
      const holders = this.#byAddress.get(address) ?? new Set();
      for (const holder of holders) concerned.add(holder);
      this.#byAddress.set(address, holders.add(uid));
    }
    return [...concerned];
  }

  /** The pod has vanished. */
  remove(pod: Pod): readonly string[] {
    const uid = pod.metadata.uid ?? "";
    const concerned = new Set([uid, ...this.#release(uid)]);
    this.#byUid.delete(uid);
    this.#gone.set(uid, true);
    return [...concerned];
  }

  knowledgeOf(uid: string): PodKnowledge {
    const pod = this.#byUid.get(uid);
    const address = pod === undefined ? undefined : addressOf(pod);
    return {
      pod,
      gone: pod === undefined && this.#gone.has(uid),
      // Two pods with one address: one of the two states is old, and nobody knows which. Neither is served.
      addressIsUnique: address !== undefined && this.#byAddress.get(address)?.size === 1,
    };
  }

  /** True when no other pod has this one's address. */
  isAlone(pod: Pod): boolean {
    const address = addressOf(pod);
    const holders = address === undefined ? undefined : this.#byAddress.get(address);
    return [...(holders ?? [])].every((uid) => uid === pod.metadata.uid);
  }

  /** Gives up the address that a pod had; returns who still has it. */
  #release(uid: string): readonly string[] {
    const known = this.#byUid.get(uid);
    const address = known === undefined ? undefined : addressOf(known);
    const holders = address === undefined ? undefined : this.#byAddress.get(address);
    if (address === undefined || holders === undefined) return [];
    holders.delete(uid);
    if (holders.size === 0) this.#byAddress.delete(address);
    return [...holders];
  }
}

/** The address that a pod occupies; a finished one keeps its address on paper only. */
function addressOf({ status }: Pod): string | undefined {
  return status?.phase === "Succeeded" || status?.phase === "Failed" ? undefined : status?.podIP;
}
