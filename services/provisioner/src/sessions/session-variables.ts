import { namespaceName, type Session } from "@carrel/api";

import type { SessionUrls } from "./session-urls.ts";

/** The variables that a template may use, for a session. */
export function sessionVariables(session: Session, urls: SessionUrls): Record<string, string> {
  const { spec, metadata } = session;
  const endpoint = (name: string): { url: string; host: string } => urls.endpoint(metadata.name, name);
  return {
    "session.name": metadata.name,
    "session.uid": metadata.uid ?? "",
    "session.url": endpoint("main").url,
    "session.host": endpoint("main").host,
    "session.namespace": namespaceName(spec.workspace),
    "workspace.name": spec.workspace,
    "template.name": spec.template.name,
    "tenant.name": spec.tenant,
    "user.id": spec.user.id,
    "user.name": spec.user.name ?? "",
    "user.email": spec.user.email ?? "",
    "ingress.domain": urls.domain,
    ...Object.fromEntries(Object.entries(spec.parameters).map(([name, value]) => [`parameters.${name}`, value])),
  };
}
