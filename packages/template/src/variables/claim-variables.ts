import type { Session, SessionTemplateSpec } from "@carrel/api";

/** How the URLs of a session are written. */
export interface EndpointUrls {
  endpoint(session: string, name: string): { readonly host: string; readonly url: string };
}

/**
 * The variables that are known once a session has the Workspace, but for secret parameters and `outputs`. All are
 * strings and none is secret: they may be stored in the Workspace.
 */
export function claimVariables(
  { metadata, spec }: Session,
  template: Pick<SessionTemplateSpec, "endpoints">,
  urls: EndpointUrls,
): Record<string, string> {
  const main = urls.endpoint(metadata.name, "main");
  return {
    "session.name": metadata.name,
    "session.uid": metadata.uid ?? "",
    "session.url": main.url,
    "session.host": main.host,
    ...Object.fromEntries(
      template.endpoints.flatMap(({ name }) => {
        const { host, url } = urls.endpoint(metadata.name, name);
        return [
          [`endpoints.${name}.host`, host],
          [`endpoints.${name}.url`, url],
        ];
      }),
    ),
    "user.id": spec.user.id,
    "user.name": spec.user.name ?? "",
    "user.email": spec.user.email ?? "",
    ...Object.fromEntries(
      Object.entries(spec.user.claims ?? {}).map(([name, value]) => [`user.claims.${name}`, value]),
    ),
    "tenant.name": spec.tenant,
    ...parameterVariables(spec.parameters),
  };
}

/** The variables `parameters.NAME`; for secret ones to be added where they may be used. */
function parameterVariables(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`parameters.${name}`, value]));
}
