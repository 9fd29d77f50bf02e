import { fileURLToPath } from "node:url";
import { loadImage, type Cluster } from "@carrel/cluster";
import { buildImage } from "@carrel/images";
import { DEPLOYMENTS, resource, type KubeClient } from "@carrel/kube";
import { eventually, installCrds } from "@carrel/testkit";
import { STAND_IN_NAMESPACE, standInManifests } from "./stand-in-manifests.ts";
import { waitForQuotas } from "./wait-for-quotas.ts";

const CRDS = fileURLToPath(new URL("crds", import.meta.url));
const PLURALS: Readonly<Record<string, readonly [plural: string, namespaced: boolean]>> = {
  Namespace: ["namespaces", false],
  ServiceAccount: ["serviceaccounts", true],
  ClusterRole: ["clusterroles", false],
  ClusterRoleBinding: ["clusterrolebindings", false],
  Deployment: ["deployments", true],
  ClusterVirtualMachineImage: ["clustervirtualmachineimages", false],
};

export interface InstallStandInOptions {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

const QUOTA_KEYS = ["count/virtualmachines.kubevirt.io", "count/virtualmachines.vmoperator.vmware.com"];

/**
 * Puts the stand-in of KubeVirt and VM Operator onto an embedded cluster: images, CRDs, operator. Resolves when the
 * operator runs and quotas count machines. Safe to repeat; the images are built once per content.
 */
export async function installStandIn({ cluster, client, signal, tell }: InstallStandInOptions): Promise<void> {
  const options = { signal, onProgress: tell };
  const launcher = await buildImage("vm-launcher", options);
  const operator = await buildImage("vm-operators-stand-in", options);
  for (const { archive } of [launcher, operator]) await loadImage(cluster, archive, signal);
  await installCrds(cluster, { directory: CRDS, signal });
  for (const manifest of standInManifests({ operator: operator.ref, launcher: launcher.ref })) {
    const [plural, namespaced] = PLURALS[manifest.kind] ?? ["", true];
    const of = resource(manifest.apiVersion ?? "", manifest.kind, plural, namespaced);
    const { namespace } = manifest.metadata;
    await client.apply(of, manifest, { signal, force: true, ...(namespace === undefined ? {} : { namespace }) });
  }
  await eventually(
    async () => {
      const { status, metadata } = await client.get(DEPLOYMENTS, STAND_IN_NAMESPACE, { namespace: STAND_IN_NAMESPACE });
      const current = status?.observedGeneration === metadata.generation;
      if (!current || status?.availableReplicas !== 1)
        throw new Error(`the operator does not run: ${JSON.stringify(status)}`);
    },
    { timeoutMs: 90_000, everyMs: 200, signal },
  );
  await waitForQuotas(client, STAND_IN_NAMESPACE, QUOTA_KEYS, signal);
}
