import { GROUP } from "./group.ts";

/**
 * Every label and annotation that Carrel sets or reads. `docs/reference/labels.md` is generated from this table.
 * Learners can neither set nor change a key under `carrel.dev/` (the webhook refuses it).
 */
export const LABELS = {
  /** On each object that Carrel made; value `carrel`. Selects what sweeps may look at. */
  managedBy: "app.kubernetes.io/managed-by",
  /** Name of the Workspace that the object belongs to. The webhooks' namespaceSelector asks for it. */
  workspace: `${GROUP}/workspace`,
  /** UID of that Workspace: the proof of ownership before adopting or deleting. */
  workspaceUid: `${GROUP}/workspace-uid`,
  /** Name of the Session that holds the Workspace. */
  session: `${GROUP}/session`,
  /** Name of the Tenant. */
  tenant: `${GROUP}/tenant`,
  /** Name of the SessionTemplate; on Workspaces. */
  template: `${GROUP}/template`,
  /** On a Workspace that was made as a spare; value the template's name. */
  pool: `${GROUP}/pool`,
  /** Name that an object has in its template's `objects`. */
  object: `${GROUP}/object`,
  /** Part that an object plays in a workspace; `desk` is the learner's own pod. */
  role: `${GROUP}/role`,
} as const;

export const MANAGED_BY = "carrel";
/** Value of {@link LABELS.role} on the workspace pod. */
export const ROLE_DESK = "desk";

export const ANNOTATIONS = {
  /** W3C trace context of the request that created the object. */
  traceparent: `${GROUP}/traceparent`,
  /** On a Secret: the templates (comma-separated, `*` matches any part) that may copy it into their sessions. */
  sharedWith: `${GROUP}/shared-with`,
  /** On a copied Secret: `namespace/name` of its source. */
  copiedFrom: `${GROUP}/copied-from`,
  /** On a Session: digest of the Idempotency-Key of the last extension, so that a retry does not extend twice. */
  extendedBy: `${GROUP}/extended-by`,
} as const;

/** Keys under this prefix belong to Carrel. */
export const RESERVED_PREFIX = `${GROUP}/`;

/** Keeps a Workspace until its teardown has seen every namespace gone. */
export const WORKSPACE_FINALIZER = `${GROUP}/teardown`;
