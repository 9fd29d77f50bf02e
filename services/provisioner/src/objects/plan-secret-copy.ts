import { ANNOTATIONS, LABELS, matchesGlob, namespaceName, type CopiedSecret, type Workspace } from "@carrel/api";
import type { Secret } from "@carrel/kube";
import { PRIMARY_ALIAS } from "../resources/session-namespace.ts";
import { ownLabels } from "../resources/workspace-context.ts";

/** What a template's `secrets` entry comes to. */
export type SecretCopyPlan =
  | {
      /** One for each namespace. */
      readonly copies: readonly Secret[];
    }
  | {
      /** Why there is none. */
      readonly missing: string;
    };

/** True when the Secret's annotation names the template. */
export function consents(source: Secret, template: string): boolean {
  const shared = source.metadata.annotations?.[ANNOTATIONS.sharedWith] ?? "";
  return shared.split(",").some((glob) => glob.trim() !== "" && matchesGlob(glob.trim(), template));
}

/** The Secrets that are made of a source, with its type and the keys that the template asks for. Pure. */
export function planSecretCopy(source: Secret | undefined, wanted: CopiedSecret, workspace: Workspace): SecretCopyPlan {
  const { from, to = from.name } = wanted;
  const { name: template } = workspace.spec.template;
  const path = `${from.namespace}/${from.name}`;
  if (source === undefined || !consents(source, template)) {
    // The same words whether or not it exists: who may not have it learns nothing.
    return { missing: `there is no Secret ${path} that is shared with the template ${template}` };
  }
  const absent = wanted.keys?.find((key) => source.data?.[key] === undefined);
  if (absent !== undefined) return { missing: `the Secret ${path} has no key ${absent}` };
  const data = Object.fromEntries(
    Object.entries(source.data ?? {}).filter(([key]) => wanted.keys?.includes(key) ?? true),
  );
  const copies = wanted.namespaces.map((alias) => ({
    metadata: {
      name: to,
      namespace: namespaceName(workspace.metadata.name, alias === PRIMARY_ALIAS ? undefined : alias),
      labels: ownLabels(workspace),
      annotations: { [ANNOTATIONS.copiedFrom]: path },
    },
    ...(source.type === undefined ? {} : { type: source.type }),
    data,
  }));
  return { copies };
}

/**
 * A JSON patch that brings a copy to what the source holds now, and fails (422) on a Secret that is not this copy.
 * Pure.
 */
export function copyPatch({ metadata, data }: Secret): readonly object[] {
  const at = (field: string, key: string): string =>
    `/metadata/${field}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const { workspaceUid } = LABELS;
  return [
    { op: "test", path: at("labels", workspaceUid), value: metadata.labels?.[workspaceUid] },
    {
      op: "test",
      path: at("annotations", ANNOTATIONS.copiedFrom),
      value: metadata.annotations?.[ANNOTATIONS.copiedFrom],
    },
    { op: "add", path: "/data", value: data ?? {} },
  ];
}
