import type { Secret } from "@carrel/kube";
import { GENERATED_SECRET } from "@carrel/template";
import { secretData, secretTexts } from "./secret-data.ts";
import { ownMetadata, type WorkspaceContext } from "./workspace-context.ts";

/**
 * The Secret that keeps what `generate` has just made. Immutable: whoever may change Secrets in the namespace cannot
 * change what the desk and the objects were told. Pure.
 */
export function planGeneratedSecret(
  { workspace }: Pick<WorkspaceContext, "workspace">,
  values: Readonly<Record<string, string>>,
): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: ownMetadata(workspace, GENERATED_SECRET),
    immutable: true,
    data: secretData(values),
  };
}

/** What `generate` made, read back from its Secret. Pure. */
export function generatedValues({ data }: Secret): Record<string, string> {
  return secretTexts(data);
}
