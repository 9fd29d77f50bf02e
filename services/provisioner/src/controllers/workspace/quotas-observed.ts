import type { ResourceQuota } from "@carrel/kube";

/** Groups that every cluster serves; the quota controller counts kinds of others only where they are installed. */
const BUILT_IN_GROUP = /^(apps|batch|autoscaling|policy|[a-z.]+\.k8s\.io)$/;

/**
 * True when the quota controller has taken up every planned quota. Until then a quota limits nothing (admission reads
 * `status.hard`, not `spec.hard`), so the learner must not be able to create anything yet.
 *
 * Of a kind that is not installed nothing is ever counted; once `hard` is there, admission refuses what it has no count
 * of, so such a key need not be waited for. Pure.
 */
export function quotasObserved(
  planned: readonly ResourceQuota[],
  stored: (name: string, namespace: string | undefined) => ResourceQuota | undefined,
): boolean {
  return planned.every(({ metadata, spec }) => {
    const status = stored(metadata.name, metadata.namespace)?.status;
    const keys = Object.keys(spec?.hard ?? {});
    return keys.every(
      (key) => status?.hard?.[key] !== undefined && (status.used?.[key] !== undefined || isForeign(key)),
    );
  });
}

function isForeign(key: string): boolean {
  const [, group] = /^count\/[^.]+\.(.+)$/.exec(key) ?? [];
  return group !== undefined && !BUILT_IN_GROUP.test(group);
}
