export { type Logger, silentLogger } from "./logger.ts";
export { createRuntimeMetrics, RUNTIME_METRICS, type RuntimeMetrics } from "./metrics.ts";
