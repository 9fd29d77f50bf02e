import { policyProfileSpecSchema, templateOf, type PolicyProfile, type Workspace } from "@carrel/api";
import { TerminalError } from "@carrel/kube";
import { typedVariables } from "@carrel/template";
import { sessionNamespaces } from "./session-namespace.ts";
import type { ClusterFacts, WorkspaceContext } from "./workspace-context.ts";

/** Name of the profile that holds where a template names none; it need not exist. */
const DEFAULT_PROFILE = "default";

/**
 * Puts together what the builders need to know of a workspace.
 *
 * @param known secret and late variables: `generated.…`, `outputs.…`.
 * @throws TerminalError for a profile that does not exist, CarrelError `INVALID` for shares that leave nothing.
 */
export function buildContext(
  workspace: Workspace,
  profiles: (name: string) => PolicyProfile | undefined,
  cluster: ClusterFacts,
  known: Readonly<Record<string, string>> = {},
): WorkspaceContext {
  const template = templateOf(workspace.spec);
  return {
    workspace,
    template,
    namespaces: sessionNamespaces(workspace.metadata.name, template, (name) => {
      const profile = profiles(name);
      if (profile === undefined && name !== DEFAULT_PROFILE)
        throw new TerminalError(`there is no PolicyProfile ${name}`);
      // Absent fields mean the strict defaults, and so does an absent `default` profile.
      return policyProfileSpecSchema.parse(profile?.spec ?? {});
    }),
    // The Workspace could not know its own UID when it was written.
    variables: typedVariables(template, {
      ...workspace.spec.variables,
      "workspace.uid": workspace.metadata.uid ?? "",
      ...known,
    }),
    cluster,
  };
}
