/**
 * Level-triggered controllers: {@link watching} turns changes of objects into keys, a {@link Controller} reconciles
 * each key until it succeeds.
 *
 * @module
 */
export { Controller, type ControllerOptions } from "./controller.ts";
export type { OutcomeName } from "./outcome.ts";
export type { Reconcile, ReconcileContext, ReconcileResult } from "./reconcile.ts";
export { TerminalError } from "./terminal-error.ts";
export { type Watch, watching, type WatchingOptions } from "./watching.ts";
