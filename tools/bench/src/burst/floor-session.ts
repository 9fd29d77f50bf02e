import { DESK_POD, type Session, type Workspace } from "@carrel/api";
import {
  LIMIT_RANGES,
  NAMESPACES,
  NETWORK_POLICIES,
  patchStatus,
  PODS,
  RESOURCE_QUOTAS,
  ROLE_BINDINGS,
  SERVICE_ACCOUNTS,
  SESSIONS,
  WORKSPACES,
  type KubeClient,
  type KubeObject,
  type Pod,
  type Resource,
} from "@carrel/kube";
import { planFloorPod } from "../session/floor-pod.ts";

/** Kinds that a session's namespace holds before its pod. */
const CONTENTS: readonly Resource[] = [SERVICE_ACCOUNTS, RESOURCE_QUOTAS, LIMIT_RANGES, NETWORK_POLICIES];
/** Objects that Kubernetes itself puts there. */
const NOT_OURS = new Set(["default"]);

/** All objects of one session, to be made again under other names. */
export interface SessionModel {
  readonly session: Session;
  readonly workspace: Workspace;
  readonly namespace: KubeObject;
  readonly contents: readonly { readonly of: Resource; readonly object: KubeObject }[];
  readonly last: readonly { readonly of: Resource; readonly object: KubeObject }[];
}

/** Reads the objects of a session that is ready. */
export async function readModel(client: KubeClient, name: string, signal: AbortSignal): Promise<SessionModel> {
  const session = await client.get(SESSIONS, name, { signal });
  const namespace = session.spec.workspace;
  const read = async (of: Resource) => {
    const { items } = await client.list(of, { namespace, signal });
    return items.filter(({ metadata }) => !NOT_OURS.has(metadata.name)).map((object) => ({ of, object }));
  };
  const [contents, last] = await Promise.all([
    Promise.all(CONTENTS.map(read)),
    Promise.all([PODS, ROLE_BINDINGS].map(read)),
  ]);
  return {
    session,
    workspace: await client.get(WORKSPACES, namespace, { signal }),
    namespace: await client.get(NAMESPACES, namespace, { signal }),
    contents: contents.flat(),
    last: last.flat(),
  };
}

/**
 * The floor under a session: the same objects by bare calls in the same stages, by somebody who decides nothing, watches
 * nothing and is never asked twice. The services must not run: they would take the objects for their own.
 */
export async function createFloorSession(
  client: KubeClient,
  model: SessionModel,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const suffix = String(index)
    .padStart(20, "f")
    .replace(/\d/g, (digit) => "abcdeghijk".charAt(Number(digit)));
  const workspaceName = `w${suffix}`;
  const session = await client.create(SESSIONS, bare(model.session, `s${suffix}`), { signal });
  const workspace = await client.create(WORKSPACES, bare(model.workspace, workspaceName), { signal });
  await client.create(NAMESPACES, bare(model.namespace, workspaceName), { signal });
  const into = async ({ of, object }: SessionModel["last"][number]): Promise<void> => {
    const copy =
      object.kind === "Pod" ? planFloorPod(object as Pod, workspaceName) : bare(object, object.metadata.name);
    await client.create(of, copy, { namespace: workspaceName, signal });
  };
  await Promise.all(model.contents.map(into));
  await Promise.all(model.last.map(into));
  const status = (model.last.find(({ of }) => of === PODS)?.object as Pod | undefined)?.status;
  await client.mergePatch(PODS, DESK_POD, { status }, { namespace: workspaceName, subresource: "status", signal });
  await Promise.all([
    patchStatus(client, WORKSPACES, workspace, model.workspace.status ?? {}, { signal }),
    patchStatus(client, SESSIONS, session, model.session.status ?? {}, { signal }),
  ]);
}

/** An object as a creator writes it, under another name; without finalizers and owners, which would be looked after. */
function bare<T extends KubeObject>(object: T, name: string): T {
  const { status: _, ...rest } = object as T & { status?: unknown };
  const { labels } = object.metadata;
  return { ...rest, metadata: { name, ...(labels === undefined ? {} : { labels }) } } as unknown as T;
}
