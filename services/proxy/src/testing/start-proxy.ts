import {
  generateCookieKey,
  generateSigningKey,
  mintToken,
  publicJwks,
  type Jwks,
  type SigningKey,
  type TokenRequest,
} from "@carrel/auth";
import { systemClock, type Clock } from "@carrel/std";
import type { KeySource } from "../auth/key-source.ts";
import { DEFAULT_LIMITS, type Limits } from "../server/limits.ts";
import { ProxyServer, type ProxyServerOptions } from "../server/proxy-server.ts";
import { DOMAIN, SESSION, SESSION_UID } from "./a-route.ts";
import { MemoryRoutes } from "./memory-routes.ts";

/** A proxy on a free port of the loopback, with routes and keys in the test's hands. */
export interface TestProxy extends AsyncDisposable {
  readonly server: ProxyServer;
  readonly routes: MemoryRoutes;
  readonly port: number;
  readonly key: SigningKey;
  readonly log: readonly { readonly fields: object; readonly message: string }[];
  /** Publishes other signing keys. */
  readonly publish: (jwks: Jwks) => void;
  /** A token of ada for the session. */
  readonly mint: (use: "exchange" | "session", change?: Partial<TokenRequest>) => Promise<string>;
}

export const ISSUER = "carrel-test";

export async function startProxy(
  options: Partial<Omit<ProxyServerOptions, "limits">> & {
    readonly limits?: Partial<Limits>;
    /** Default: a free one. */
    readonly listenPort?: number;
  } = {},
): Promise<TestProxy> {
  const routes = new MemoryRoutes();
  const key = await generateSigningKey();
  const clock: Clock = options.clock ?? systemClock;
  const ring = [generateCookieKey()];
  const listeners = new Set<() => void>();
  let jwks: Jwks = publicJwks([key]);
  const keys: KeySource = {
    jwks: () => jwks,
    cookieKeys: () => ring,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const log: { fields: object; message: string }[] = [];
  const write = (fields: object, message: string): void => void log.push({ fields, message });
  const server = new ProxyServer({
    domain: DOMAIN,
    scheme: "http",
    port: 80,
    routes,
    keys,
    issuer: ISSUER,
    clock,
    logger: { debug: write, info: write, warn: write, error: write },
    ...options,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });
  await server.listen(options.listenPort ?? 0, "127.0.0.1");
  return {
    server,
    routes,
    port: server.port,
    key,
    log,
    publish: (next) => {
      jwks = next;
      for (const listener of listeners) listener();
    },
    mint: (use, change = {}) =>
      mintToken(key, {
        use,
        issuer: ISSUER,
        session: SESSION,
        sessionUid: SESSION_UID,
        subject: "ada",
        tenant: "acme",
        ttlMs: 60_000,
        clock,
        ...change,
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
