import { RESERVED_PREFIX } from "@carrel/api";
import {
  isNotFound,
  LIMIT_RANGES,
  NAMESPACES,
  NETWORK_POLICIES,
  RESOURCE_QUOTAS,
  ROLE_BINDINGS,
  SERVICE_ACCOUNTS,
  type KubeClient,
  type KubeObject,
  type Resource,
  type RoleBinding,
} from "@carrel/kube";
import { CarrelError, systemClock } from "@carrel/std";

/** Namespace of the bare pods. */
export const FLOOR_NAMESPACE = "bench-floor";
/** What a session's namespace holds besides its pod. */
const CONTENTS: readonly Resource[] = [
  SERVICE_ACCOUNTS,
  RESOURCE_QUOTAS,
  LIMIT_RANGES,
  NETWORK_POLICIES,
  ROLE_BINDINGS,
];
/** How long the quota controller may take. */
const QUOTA_TIMEOUT_MS = 30_000;

/**
 * Makes the namespace for the bare pods: with everything that the session's namespace `model` holds (account, quotas,
 * limits, isolation, rights) and its Pod Security labels, but not Carrel's, so no webhook judges in it.
 */
export async function ensureFloorNamespace(client: KubeClient, model: string, signal: AbortSignal): Promise<void> {
  const namespace = await client.get(NAMESPACES, model, { signal });
  const { labels } = plain(namespace).metadata;
  await ensure(client, NAMESPACES, { metadata: { name: FLOOR_NAMESPACE, ...(labels && { labels }) } }, signal);
  for (const of of CONTENTS) {
    const { items } = await client.list(of, { namespace: model, signal });
    for (const item of items) await ensure(client, of, moved(plain(item)), signal);
  }
  await untilQuotasAreFree(client, signal);
}

/** Waits until every quota of the floor namespace is counted and no pod stands in it. */
export async function untilQuotasAreFree(client: KubeClient, signal: AbortSignal): Promise<void> {
  const late = systemClock.monotonic() + QUOTA_TIMEOUT_MS;
  for (;;) {
    const { items } = await client.list(RESOURCE_QUOTAS, { namespace: FLOOR_NAMESPACE, signal });
    const free = items.every(({ spec, status }) =>
      Object.keys(spec?.hard ?? {}).every(
        (key) => status?.hard?.[key] !== undefined && (!key.endsWith("pods") || status.used?.[key] === "0"),
      ),
    );
    if (free) return;
    if (systemClock.monotonic() > late)
      throw new CarrelError(
        "BENCH_FAILED",
        `the quotas in namespace ${FLOOR_NAMESPACE} are not counted down to 0 pods`,
      );
    await systemClock.sleep(100, signal);
  }
}

/** An object as a creator writes it: without what the API server added, and without Carrel's labels. */
function plain<T extends KubeObject>(object: T): T {
  const { name, labels = {} } = object.metadata;
  const kept = Object.entries(labels).filter(
    ([key]) =>
      !key.startsWith(RESERVED_PREFIX) && !key.startsWith("kubernetes.io/") && !key.startsWith("app.kubernetes.io/"),
  );
  const { status: _status, ...rest } = object as T & { status?: unknown };
  return { ...rest, metadata: { name, labels: Object.fromEntries(kept) } } as unknown as T;
}

function moved<T extends KubeObject>(object: T): T {
  const metadata = { ...object.metadata, namespace: FLOOR_NAMESPACE };
  const { subjects } = object as Partial<RoleBinding>;
  if (subjects === undefined) return { ...object, metadata };
  return { ...object, metadata, subjects: subjects.map((subject) => ({ ...subject, namespace: FLOOR_NAMESPACE })) };
}

/** Looks first: a create that meets an existing object is charged to the quota all the same, until the next resync. */
async function ensure(client: KubeClient, of: Resource, object: KubeObject, signal: AbortSignal): Promise<void> {
  const { name, namespace } = object.metadata;
  try {
    await client.get(of, name, { signal, ...(namespace === undefined ? {} : { namespace }) });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.create(of, object, { signal });
  }
}
