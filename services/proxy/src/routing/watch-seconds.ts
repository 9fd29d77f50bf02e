/**
 * How long each watch of the proxy lasts, in seconds. A connection that swallows everything is given up 10 s after that,
 * so an end or a revocation that it swallowed is known within a minute. By default that would take 150 s; shorter ones
 * cost one call per kind and replica in half a minute.
 */
export const WATCH_SECONDS = { min: 30, max: 45 } as const;
