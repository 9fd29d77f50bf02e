import type { ApiClient } from "./api-client.ts";

/** A Kubernetes object and the path of its collection in the API. */
export interface Manifest {
  readonly collection: string;
  readonly object: { readonly metadata: { readonly name: string } } & Readonly<Record<string, unknown>>;
}

/** Creates or updates objects by server-side apply, in order. @throws ClusterError `API_REFUSED`. */
export async function applyManifests(
  api: ApiClient,
  manifests: readonly Manifest[],
  signal?: AbortSignal,
): Promise<void> {
  for (const { collection, object } of manifests) {
    await api.json({
      method: "PATCH",
      path: `${collection}/${encodeURIComponent(object.metadata.name)}?fieldManager=carrel-cluster&force=true`,
      contentType: "application/apply-patch+yaml",
      body: object,
      signal,
    });
  }
}
