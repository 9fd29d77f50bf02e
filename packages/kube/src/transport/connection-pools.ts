import { Pool } from "undici";
import type { TlsMaterial } from "./credentials.ts";

/**
 * Which connections a request uses. Watches hold theirs for minutes and leases must be renewed whatever else is
 * going on, so neither shares connections with calls.
 */
export type Lane = "calls" | "leases" | "watches";

/** How much of each there may be. HTTP/1.1: one request at a time on a connection. */
export const LANES: Readonly<Record<Lane, { readonly connections: number; readonly maxInFlight: number }>> = {
  calls: { connections: 32, maxInFlight: 4096 },
  leases: { connections: 2, maxInFlight: 32 },
  watches: { connections: 128, maxInFlight: 128 },
};

const CONNECT_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 30_000;
/** kube-apiserver closes idle connections after 90 s: close first, so that none is used while it does. */
const KEEP_ALIVE_MS = 60_000;

/** Where the pools lead to. */
export interface PoolsTarget {
  /** `https://host:port`. */
  readonly origin: string;
  readonly servername?: string | undefined;
  readonly tls: TlsMaterial;
}

/** The connections to one API server under one TLS identity: a bounded pool for each lane, opened as needed. */
export class ConnectionPools {
  readonly tls: TlsMaterial;
  readonly #pools: Readonly<Record<Lane, Pool>>;

  constructor(target: PoolsTarget) {
    this.tls = target.tls;
    this.#pools = {
      calls: openPool(target, LANES.calls.connections),
      leases: openPool(target, LANES.leases.connections),
      watches: openPool(target, LANES.watches.connections),
    };
  }

  get(lane: Lane): Pool {
    return this.#pools[lane];
  }

  /** Takes no more requests; resolves when those under way are over. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#pools).map((pool) => pool.close()));
  }

  /** Ends all requests under way and all connections now. */
  async destroy(): Promise<void> {
    await Promise.all(Object.values(this.#pools).map((pool) => pool.destroy()));
  }
}

function openPool(target: PoolsTarget, connections: number): Pool {
  const { ca, cert, key } = target.tls;
  return new Pool(target.origin, {
    connections,
    pipelining: 1,
    // One HTTP/2 connection for all would undo the lanes, and long soaks of others saw it leak.
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(target.servername === undefined ? {} : { servername: target.servername }),
    },
  });
}
