import type { KubeClient, KubeObject, Resource } from "@carrel/kube";

/** When something happened, in the API server's own count: comparable over all kinds of a cluster with one etcd. */
export type Moment = bigint;

/** What happened to the objects that were watched, by `KIND NAME`. */
export interface Order extends AsyncDisposable {
  /** When an object got its deletion timestamp. */
  readonly marked: ReadonlyMap<string, Moment>;
  /** When it was gone. */
  readonly gone: ReadonlyMap<string, Moment>;
}

/** Follows objects of some kinds, in all namespaces, from now on. */
export async function watchOrder(client: KubeClient, kinds: readonly Resource[]): Promise<Order> {
  const [marked, gone] = [new Map<string, Moment>(), new Map<string, Moment>()];
  const stop = new AbortController();
  const watches: Promise<void>[] = [];
  for (const of of kinds) {
    const { resourceVersion } = await client.list(of);
    watches.push(follow(of, resourceVersion));
  }

  async function follow(of: Resource, resourceVersion: string): Promise<void> {
    try {
      for await (const event of client.watch(of, { resourceVersion, signal: stop.signal })) {
        if (event.type !== "BOOKMARK") note(of, event.type, event.object);
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }

  function note({ kind }: Resource, type: string, { metadata }: KubeObject): void {
    const key = `${kind} ${metadata.name}`;
    const moment = BigInt(metadata.resourceVersion ?? "0");
    if (metadata.deletionTimestamp !== undefined && !marked.has(key)) marked.set(key, moment);
    if (type === "DELETED") gone.set(key, moment);
  }

  return {
    marked,
    gone,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("seen enough"));
      await Promise.all(watches);
    },
  };
}
