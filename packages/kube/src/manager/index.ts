export type { Health } from "./health.ts";
export { Manager, type ManagerOptions, type Placement } from "./manager.ts";
export type { Runnable } from "./runnable.ts";
