import { buildConnector, Pool } from "undici";
import { markUsed } from "./stale-connection.ts";

/** Where a request goes. */
export interface PodAddress {
  readonly podUid: string;
  readonly address: string;
  readonly port: number;
}

export interface PodPoolsOptions {
  /** Connections per pod and port. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** From the end of the request to the head of the answer. */
  readonly firstByteTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

/** How long an unused connection stays open: below what common servers allow (5 s), so that we are not the late one. */
const IDLE_MS = 4000;

/**
 * Connections to pods, kept per pod UID: an address that another pod has taken over never meets a connection or a
 * decision of its former owner.
 */
export class PodPools {
  readonly #options: PodPoolsOptions;
  readonly #byPod = new Map<string, Map<number, Pool>>();

  constructor(options: PodPoolsOptions) {
    this.#options = options;
  }

  pool({ podUid, address, port }: PodAddress): Pool {
    let pools = this.#byPod.get(podUid);
    if (pools === undefined) {
      pools = new Map();
      this.#byPod.set(podUid, pools);
    }
    let pool = pools.get(port);
    if (pool === undefined) {
      pool = this.#open(address, port);
      pools.set(port, pool);
    }
    return pool;
  }

  /** Pods with a pool. */
  get size(): number {
    return this.#byPod.size;
  }

  /** Closes the connections to a pod; requests in flight are ended by whoever cut them. */
  drop(podUid: string): void {
    for (const pool of this.#byPod.get(podUid)?.values() ?? []) void pool.destroy().catch(() => undefined);
    this.#byPod.delete(podUid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pools = [...this.#byPod.values()].flatMap((byPort) => [...byPort.values()]);
    this.#byPod.clear();
    await Promise.allSettled(pools.map((pool) => pool.destroy()));
  }

  #open(address: string, port: number): Pool {
    const { connections, connectTimeoutMs, firstByteTimeoutMs, maxHeaderBytes } = this.#options;
    const connect = buildConnector({ timeout: connectTimeoutMs, keepAlive: true });
    return new Pool(`http://${address.includes(":") ? `[${address}]` : address}:${port}`, {
      connections,
      pipelining: 1,
      connect: (target, callback) =>
        connect(target, (...result) => {
          if (result[0] === null) markUsed(result[1]);
          callback(...result);
        }),
      headersTimeout: firstByteTimeoutMs,
      // Silence of an answer is judged by what the answer is: event streams may be silent.
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      maxHeaderSize: maxHeaderBytes,
    });
  }
}
