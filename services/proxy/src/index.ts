/**
 * @carrel/proxy: the parts of the proxy that other parts of the repository look at: its configuration and its metrics
 * for the reference pages, and the server for tests and benchmarks.
 *
 * @module
 */
export * from "./auth/key-source.ts";
export * from "./config.ts";
export { createProxyMetrics, PROXY_METRICS, type ProxyMetrics } from "./metrics.ts";
export * from "./routing/route.ts";
export * from "./routing/route-source.ts";
export * from "./server/limits.ts";
export * from "./server/proxy-server.ts";
