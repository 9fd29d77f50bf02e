import { systemClock } from "@carrel/std";
import type { KubeClient } from "../../client/kube-client.ts";
import { CONFIG_MAPS } from "../../client/resources/index.ts";

/**
 * Writes at random to a handful of ConfigMaps: makes, changes, deletes, and makes anew under the same name. `random`
 * in [0,1).
 */
export async function churn(
  client: KubeClient,
  namespace: string,
  writes: number,
  random: () => number = Math.random,
): Promise<void> {
  const present = new Set<string>();
  for (let i = 0; i < writes; i++) {
    const name = `churn-${Math.floor(random() * 8)}`;
    const change = { data: { write: String(i) } };
    if (!present.has(name)) {
      await client.create(CONFIG_MAPS, { metadata: { name }, ...change }, { namespace });
      present.add(name);
    } else if (random() < 0.6) {
      await client.mergePatch(CONFIG_MAPS, name, change, { namespace });
    } else {
      await client.delete(CONFIG_MAPS, name, { namespace });
      present.delete(name);
    }
    await systemClock.sleep(random() * 10);
  }
}
