import type { PolicyProfile, SessionTemplateInput } from "@carrel/api";
import { aSession, aSessionTemplate, aWorkspace, stored } from "@carrel/testkit";
import { buildContext } from "../build-context.ts";
import type { WorkspaceContext } from "../workspace-context.ts";

/** A context of a claimed workspace `w1` of a template with the given fields; `spare`: of one that nobody holds. */
export function aContext(
  spec: Partial<SessionTemplateInput> = {},
  given: {
    readonly spare?: boolean;
    readonly profiles?: readonly PolicyProfile[];
    readonly known?: Readonly<Record<string, string>>;
  } = {},
): WorkspaceContext {
  const session = stored(aSession({ spec: { workspace: "w1" }, metadata: { name: "s1", uid: "session-uid" } }));
  const template = { name: "lesson", uid: "template-uid", generation: 1, spec: aSessionTemplate({ spec }).spec };
  const workspace = aWorkspace({
    metadata: { name: "w1", uid: "workspace-uid" },
    spec: { template, variables: { "session.namespace": "w1" } },
    ...(given.spare === true ? {} : { session }),
  });
  const cluster = { systemNamespace: "carrel", apiServer: [{ ip: "10.0.0.1", port: 443 }] };
  const profileOf = (name: string): PolicyProfile | undefined =>
    given.profiles?.find(({ metadata }) => metadata.name === name);
  return buildContext(stored(workspace), profileOf, cluster, given.known);
}
