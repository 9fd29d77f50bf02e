import type { ResourceQuota } from "@carrel/kube";

/**
 * True when the quota controller has taken up every quota of `names`. Until then a quota limits nothing (admission
 * reads `status.hard`, not `spec.hard`), so the learner must not be able to create anything yet.
 */
export function quotasObserved(names: readonly string[], quotas: readonly (ResourceQuota | undefined)[]): boolean {
  return names.every((name) => {
    const quota = quotas.find((candidate) => candidate?.metadata.name === name);
    const hard = Object.keys(quota?.spec?.hard ?? {});
    return (
      hard.length > 0 &&
      hard.every((key) => quota?.status?.hard?.[key] !== undefined && quota.status.used?.[key] !== undefined)
    );
  });
}
