import { randomUUID } from "node:crypto";
import {
  API_VERSION,
  newWorkspaceName,
  type ObjectMeta,
  type Session,
  type Workspace,
  type WorkspaceSpec,
  workspaceSpecSchema,
  type WorkspaceStatus,
  workspaceStatusSchema,
} from "@carrel/api";
import { TestkitError } from "../testkit-error.ts";
import { aSessionTemplate } from "./a-session-template.ts";

/** What {@link aWorkspace} may be given. */
export interface WorkspaceGiven {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<WorkspaceSpec>;
  readonly status?: WorkspaceStatus;
  /** The Session that holds it; it must have a UID (see {@link stored}). Takes over its workspace name and tenant. */
  readonly session?: Session;
}

/**
 * A Workspace of a fresh name that nobody holds, of the template of {@link aSessionTemplate}, but for what is given.
 * @throws ZodError for an invalid spec or status; TestkitError `INVALID` for a Session without UID.
 */
export function aWorkspace(given: WorkspaceGiven = {}): Workspace {
  const { metadata, spec, status, session } = given;
  const template = spec?.template ?? {
    name: "terminal",
    uid: randomUUID(),
    generation: 1,
    spec: aSessionTemplate().spec,
  };
  const parsed = workspaceSpecSchema.parse({ ...(session === undefined ? {} : heldBy(session)), ...spec, template });
  return {
    apiVersion: API_VERSION,
    kind: "Workspace",
    metadata: { name: session?.spec.workspace ?? newWorkspaceName(), ...metadata },
    // The schema leaves the stored template alone, and would drop it.
    spec: { ...parsed, template },
    ...(status === undefined ? {} : { status: workspaceStatusSchema.parse(status) }),
  };
}

function heldBy({ metadata, spec }: Session): Pick<WorkspaceSpec, "tenant" | "session"> {
  if (metadata.uid === undefined) throw new TestkitError("INVALID", `${metadata.name} has no UID: use stored(session)`);
  return { tenant: spec.tenant, session: { name: metadata.name, uid: metadata.uid } };
}
