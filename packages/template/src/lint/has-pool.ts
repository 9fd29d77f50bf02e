import type { SessionTemplateSpec } from "@carrel/api";

/** Whether workspaces of this template are ever built before they have a session. */
export function hasPool({ pool }: Pick<SessionTemplateSpec, "pool">): boolean {
  return pool !== undefined && (pool.size > 0 || pool.schedule.some(({ size }) => size > 0));
}
