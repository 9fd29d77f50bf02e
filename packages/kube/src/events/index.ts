/**
 * Kubernetes Events about what Carrel does.
 *
 * @module
 */
export type * from "./event-input.ts";
export * from "./event-recorder.ts";
export type { EventReporter } from "./event-series.ts";
