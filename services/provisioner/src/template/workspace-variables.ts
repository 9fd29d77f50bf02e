import { namespaceName, type Session, type SessionTemplateSpec } from "@carrel/api";
import type { Variables } from "./variables.ts";
import type { SessionUrls } from "../sessions/session-urls.ts";

/** The variables that a template may use, for a session. */
export function sessionVariables(session: Session, urls: SessionUrls): Variables {
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

/** Every variable name that a template could use, with empty values: what validates a template without a session. */
export function placeholderVariables(template: SessionTemplateSpec): Variables {
  const names = [
    "session.name",
    "session.uid",
    "session.url",
    "session.host",
    "session.namespace",
    "workspace.name",
    "template.name",
    "tenant.name",
    "user.id",
    "user.name",
    "user.email",
    "ingress.domain",
    ...template.parameters.map((parameter) => `parameters.${parameter.name}`),
  ];
  return Object.fromEntries(names.map((name) => [name, "x"]));
}
