/**
 * What the parts of the controller runtime share: the logger that they ask for, and the catalogue of their metrics.
 *
 * @module
 */
export { type Logger, silentLogger } from "./logger.ts";
export { createRuntimeMetrics, RUNTIME_METRICS, type RuntimeMetrics } from "./metrics.ts";
