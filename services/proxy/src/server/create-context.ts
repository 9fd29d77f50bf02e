import { randomBytes } from "node:crypto";
import { type CookieClaims, CookieSealer, TokenVerifier } from "@carrel/auth";
import { Authenticator } from "../auth/authenticator.ts";
import { Exchange } from "../auth/exchange.ts";
import { HopTokens } from "../auth/hop-tokens.ts";
import { ReplayGuard } from "../auth/replay-guard.ts";
import type { ProxyMetrics } from "../metrics.ts";
import type { RouteSource } from "../routing/route-source.ts";
import { Cutter } from "../streams/cutter.ts";
import { StreamIndex } from "../streams/stream-index.ts";
import { PodPools } from "../upstream/pod-pools.ts";
import { Holding } from "./holding.ts";
import type { ProxyContext } from "./proxy-context.ts";
import type { ProxyServerOptions } from "./proxy-server.ts";
import { TokenBuckets } from "./token-bucket.ts";

/** The parts of a proxy; disposing them cuts every stream. */
export interface ProxyParts extends AsyncDisposable {
  readonly context: ProxyContext;
}

export interface ContextOptions extends ProxyServerOptions {
  readonly metrics: ProxyMetrics;
  readonly isDraining: () => boolean;
}

/** Puts the parts of a proxy together. */
export function createContext(options: ContextOptions): ProxyParts {
  const { routes, keys, limits, clock, metrics } = options;
  const verifier = new TokenVerifier({ keys: keys.jwks, issuer: options.issuer, clock });
  const sealer = new CookieSealer(keys.cookieKeys);
  const replayGuard = new ReplayGuard(clock);
  const streams = new StreamIndex();
  const isInUse = (cookie: CookieClaims): boolean => streams.hasSignIn(cookie);
  const authenticator = new Authenticator({ verifier, sealer, clock, isInUse });
  const isKeyCurrent = (keyId: string): boolean => authenticator.isKeyCurrent(keyId);
  const onCut = (cause: string): void => metrics.cuts.add(1, { cause });
  const cutter = new Cutter({ index: streams, routes, isKeyCurrent, clock, onCut });
  const pools = new PodPools({
    connections: limits.podConnections,
    connectTimeoutMs: limits.connectTimeoutMs,
    firstByteTimeoutMs: limits.firstByteTimeoutMs,
    maxHeaderBytes: limits.headerBytes,
  });
  const holding = new Holding({ routes, clock, maxPerSession: limits.heldPerSession });
  const unsubscribe = [keys.subscribe(() => cutter.keysChanged()), dropUnusedPools(routes, pools)];
  const stopObserving = observe(metrics, streams, holding, pools);
  const prefix = randomBytes(6).toString("base64url");
  let requests = 0;
  const { trustedHops = 0, frameAncestors = [] } = options;
  return {
    context: {
      ...options,
      trustedHops,
      frameAncestors,
      authenticator,
      exchange: new Exchange({ verifier, sealer, replayGuard, clock, framed: frameAncestors.length > 0 }),
      hops: new HopTokens(keys.cookieKeys, replayGuard, clock),
      pools,
      streams,
      cutter,
      holding,
      badTokens: buckets(limits.badTokensPerSecondPerAddress, 1),
      sessionRequests: buckets(limits.requestsPerSecondPerSession, 4),
      nextRequestId: () => `${prefix}-${(++requests).toString(36)}`,
    },
    async [Symbol.asyncDispose]() {
      for (const stop of unsubscribe) stop();
      stopObserving();
      holding[Symbol.dispose]();
      cutter[Symbol.dispose]();
      for (const stream of streams.all("http", "events", "websocket")) stream.cut({ cause: "drain", reason: "" });
      await pools[Symbol.asyncDispose]();
    },
  };

  function buckets(ratePerSecond: number, burstSeconds: number): TokenBuckets {
    return new TokenBuckets({ ratePerSecond, burst: ratePerSecond * burstSeconds, maxKeys: 20_000, clock });
  }
}

/** Connections to a pod that no session names any more are closed. */
function dropUnusedPools(routes: RouteSource, pools: PodPools): () => void {
  const podOf = new Map<string, string>();
  return routes.subscribe((session, route) => {
    const former = podOf.get(session);
    const current = route?.closed === true || route?.pod?.gone === true ? undefined : route?.pod?.uid;
    if (former === current) return;
    if (former !== undefined) pools.drop(former);
    if (current === undefined) podOf.delete(session);
    else podOf.set(session, current);
  });
}

function observe(metrics: ProxyMetrics, streams: StreamIndex, holding: Holding, pools: PodPools): () => void {
  const kinds = ["http", "events", "websocket"] as const;
  type Callback = Parameters<ProxyMetrics["streams"]["addCallback"]>[0];
  const readStreams: Callback = (result) => kinds.forEach((kind) => result.observe(streams.counts[kind], { kind }));
  const readHeld: Callback = (result) => result.observe(holding.size);
  const readPods: Callback = (result) => result.observe(pools.size);
  metrics.streams.addCallback(readStreams);
  metrics.held.addCallback(readHeld);
  metrics.pods.addCallback(readPods);
  return () => {
    metrics.streams.removeCallback(readStreams);
    metrics.held.removeCallback(readHeld);
    metrics.pods.removeCallback(readPods);
  };
}
