import { adoption } from "./adoption.ts";
import { decodable } from "./decodable.ts";
import { kinds } from "./kinds.ts";
import { managedObjects } from "./managed-objects.ts";
import type { RequestRule } from "./rule.ts";
import { subresources } from "./subresources.ts";
import { tokenRequest } from "./token-request.ts";
import { workspaceActive } from "./workspace-active.ts";

/** Who may do what, in the order in which they are asked; the first finding refuses. */
export const REQUEST_RULES: readonly RequestRule[] = [
  decodable,
  managedObjects,
  adoption,
  workspaceActive,
  subresources,
  kinds,
  tokenRequest,
];
