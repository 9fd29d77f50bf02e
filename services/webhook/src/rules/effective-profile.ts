import { policyProfileSpecSchema, type PolicyProfileSpec } from "@carrel/api";
import type { Facts } from "../decision/facts.ts";

/** Name of the profile that holds where a template names none. */
export const DEFAULT_PROFILE = "default";

const BUILT_IN: PolicyProfileSpec = policyProfileSpecSchema.parse({});

/**
 * The policy that holds. The profile `default` need not exist: without it the built-in one holds, which is the
 * strictest. Any other that is missing has no substitute: undefined.
 */
export function effectiveProfile({ workspace }: Facts): PolicyProfileSpec | undefined {
  if (workspace.state === "unknown") return BUILT_IN;
  if (workspace.profile !== undefined) return workspace.profile;
  return workspace.profileName === DEFAULT_PROFILE ? BUILT_IN : undefined;
}
