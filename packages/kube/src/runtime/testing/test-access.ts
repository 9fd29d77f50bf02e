import type { TestContext } from "node:test";
import { uniqueName } from "@carrel/testkit";
import { createKubeClient } from "../../client/create-kube-client.ts";
import type { KubeClient } from "../../client/kube-client.ts";
import type { KubeObject } from "../../client/resource.ts";
import { NAMESPACES } from "../../client/resources/index.ts";
import { parseKubeconfig } from "../../transport/parse-kubeconfig.ts";

/** A client of the API server that the kubeconfig names; closed when the test ends. */
export function connect(t: Pick<TestContext, "after">, kubeconfig: object): KubeClient {
  const config = parseKubeconfig(JSON.stringify(kubeconfig), { directory: "/" });
  const client = createKubeClient(config, { userAgent: "carrel-kube-test/0" });
  t.after(() => client[Symbol.asyncDispose]());
  return client;
}

/** A namespace of the test's own. */
export async function makeNamespace(client: KubeClient): Promise<string> {
  const name = uniqueName("kube");
  await client.create(NAMESPACES, { metadata: { name } });
  return name;
}

/** Objects of a kind as `name uid resourceVersion`, sorted: what a cache and a LIST are compared by. */
export function versions(objects: readonly KubeObject[]): readonly string[] {
  return objects.map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`).toSorted();
}
