import { RESOURCE_QUOTAS, type KubeClient } from "@carrel/kube";
import { eventually } from "@carrel/testkit";

const NAME = "counts-yet";

/**
 * Waits until quotas count a kind: the quota controller looks for new kinds twice a minute, and a quota that it has
 * seen before it knew one refuses every object of it ("status unknown for quota").
 */
export async function waitForQuotas(
  client: KubeClient,
  namespace: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const hard = Object.fromEntries(keys.map((key) => [key, "1"]));
  await eventually(
    async () => {
      await client.create(RESOURCE_QUOTAS, { metadata: { name: NAME, namespace }, spec: { hard } }, { signal });
      try {
        await eventually(
          async () => {
            const { status } = await client.get(RESOURCE_QUOTAS, NAME, { namespace, signal });
            const missing = keys.filter((key) => status?.used?.[key] === undefined);
            if (missing.length > 0) throw new Error(`quotas do not count ${missing.join(", ")} yet`);
          },
          { timeoutMs: 3_000, everyMs: 100, signal },
        );
      } finally {
        await client.delete(RESOURCE_QUOTAS, NAME, { namespace });
      }
    },
    { timeoutMs: 120_000, everyMs: 500, signal },
  );
}
