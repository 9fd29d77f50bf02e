import {
  API_VERSION,
  LABELS,
  MANAGED_BY,
  WORKSPACE_FINALIZER,
  type Session,
  type SessionTemplate,
  type Workspace,
} from "@carrel/api";
import type { SessionUrls } from "../../sessions/session-urls.ts";
import { sessionVariables } from "../../sessions/session-variables.ts";

/**
 * The Workspace of a cold session: born claimed, with the finalizer that makes its end orderly, owned by its Session so
 * that even a force-deleted Session takes it along.
 */
export function planWorkspace(session: Session, template: SessionTemplate, urls: SessionUrls): Workspace {
  const uid = session.metadata.uid ?? "";
  return {
    apiVersion: API_VERSION,
    kind: "Workspace",
    metadata: {
      name: session.spec.workspace,
      labels: {
        [LABELS.managedBy]: MANAGED_BY,
        [LABELS.session]: session.metadata.name,
        [LABELS.tenant]: session.spec.tenant,
      },
      finalizers: [WORKSPACE_FINALIZER],
      ownerReferences: [
        { apiVersion: API_VERSION, kind: "Session", name: session.metadata.name, uid, controller: true },
      ],
      ...(session.metadata.annotations === undefined ? {} : { annotations: session.metadata.annotations }),
    },
    spec: {
      template: {
        name: template.metadata.name,
        uid: template.metadata.uid ?? "",
        generation: template.metadata.generation ?? 0,
        spec: template.spec,
      },
      tenant: session.spec.tenant,
      session: { name: session.metadata.name, uid },
      variables: sessionVariables(session, urls),
    },
  };
}
