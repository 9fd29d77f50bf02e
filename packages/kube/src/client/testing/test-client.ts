import type { TestContext } from "node:test";
import { sharedControlPlane, type SharedControlPlane, uniqueName } from "@carrel/testkit";
import { loadKubeconfig } from "../../transport/load-kubeconfig.ts";
import { createKubeClient } from "../create-kube-client.ts";
import type { KubeClient } from "../kube-client.ts";
import { NAMESPACES } from "../resources/namespace.ts";

/** A client of this process's real API server, and a namespace that nobody else uses. */
export interface TestClient {
  readonly client: KubeClient & AsyncDisposable;
  readonly namespace: string;
  readonly controlPlane: SharedControlPlane;
}

/** Connects as administrator, or by another kubeconfig. The client is disposed with the test. */
export async function testClient(t: TestContext, kubeconfigPath?: string): Promise<TestClient> {
  const controlPlane = await sharedControlPlane();
  const config = await loadKubeconfig({ path: kubeconfigPath ?? controlPlane.kubeconfigPath });
  const client = createKubeClient(config, { userAgent: "carrel-test/1" });
  t.after(() => client[Symbol.asyncDispose]());
  const namespace = uniqueName("kube");
  await client.create(NAMESPACES, { metadata: { name: namespace } });
  return { client, namespace, controlPlane };
}
