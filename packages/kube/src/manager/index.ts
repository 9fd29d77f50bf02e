/**
 * What a service's main starts:
 *
 * ```ts
 * const manager = new Manager({ client, logger, election: { namespace, name: "carrel-reaper" } });
 * const sessions = manager.informer(SESSIONS);
 * manager.addController(
 *   {
 *     name: "session",
 *     watches: [watching(sessions, (session) => [objectKey(session)])],
 *     reconcile: async (key, signal, { logger }) => ({ requeueAfterMs: 60_000 }),
 *   },
 *   { elected: true },
 * );
 * await manager.run(signal);
 * ```
 *
 * @module
 */
export type { Health } from "./health.ts";
export { Manager, type ManagerOptions, type Placement } from "./manager.ts";
export type { Runnable } from "./runnable.ts";
