import type { Clock } from "@carrel/std";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Exchange } from "../auth/exchange.ts";
import type { HopTokens } from "../auth/hop-tokens.ts";
import type { ProxyMetrics } from "../metrics.ts";
import type { RouteSource } from "../routing/route-source.ts";
import type { Cutter } from "../streams/cutter.ts";
import type { StreamIndex } from "../streams/stream-index.ts";
import type { PodPools } from "../upstream/pod-pools.ts";
import type { Holding } from "./holding.ts";
import type { Limits } from "./limits.ts";
import type { TokenBuckets } from "./token-bucket.ts";

/** Where the proxy logs; `@carrel/service`'s logger is one. */
export interface ProxyLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How users reach the proxy. */
export interface PublicAddress {
  /** Sessions are `<session>.<domain>`. */
  readonly domain: string;
  readonly scheme: "http" | "https";
  readonly port: number;
}

/** The parts of a running proxy, as those see them that handle requests. */
export interface ProxyContext extends PublicAddress {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: ProxyLogger;
  readonly metrics: ProxyMetrics;
  readonly routes: RouteSource;
  readonly authenticator: Authenticator;
  readonly exchange: Exchange;
  readonly hops: HopTokens;
  readonly pools: PodPools;
  readonly streams: StreamIndex;
  readonly cutter: Cutter;
  readonly holding: Holding;
  readonly badTokens: TokenBuckets;
  readonly sessionRequests: TokenBuckets;
  /** Load balancers in front of the proxy that write X-Forwarded-For. */
  readonly trustedHops: number;
  readonly frameAncestors: readonly string[];
  readonly loginUrl?: string;
  readonly nextRequestId: () => string;
  /** The process stops: answers close their connection. */
  readonly isDraining: () => boolean;
}
