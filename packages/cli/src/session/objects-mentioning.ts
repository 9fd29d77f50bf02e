import type { CallOptions, KubeClient, KubeObject, Resource } from "@carrel/kube";

interface ApiResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/** Kinds that keep history on purpose, and one that is no list (componentstatuses, deprecated since 1.19). */
const HISTORY = new Set(["events", "events.events.k8s.io", "componentstatuses"]);

/**
 * Every object of every listable kind whose name, namespace, labels or owners mention one of the names, as
 * `pods. NAMESPACE/NAME`. Kinds come from discovery: those that nobody thought of are looked at too.
 */
export async function objectsMentioning(
  client: KubeClient,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const call = signal === undefined ? {} : { signal };
  const found: string[] = [];
  for (const of of await listableResources(client, call)) {
    for await (const page of client.pages(of, { metadataOnly: true, ...call })) {
      for (const { metadata } of page.items) {
        const text = JSON.stringify([metadata.name, metadata.namespace, metadata.labels, metadata.ownerReferences]);
        if (names.some((name) => text.includes(name)))
          found.push(`${of.plural}.${of.group} ${metadata.namespace ?? ""}/${metadata.name}`);
      }
    }
  }
  return found;
}

async function listableResources(client: KubeClient, call: CallOptions): Promise<Resource<KubeObject>[]> {
  const { groups } = (await client.getRaw("/apis", call)) as {
    groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  };
  const paths = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const lists = (await Promise.all(paths.map((path) => client.getRaw(path, call)))) as ApiResourceList[];
  return lists.flatMap(({ groupVersion, resources }) => {
    const slash = groupVersion.indexOf("/");
    const group = slash < 0 ? "" : groupVersion.slice(0, slash);
    return resources
      .filter(
        ({ name, verbs }) =>
          verbs.includes("list") && !name.includes("/") && !HISTORY.has(group === "" ? name : `${name}.${group}`),
      )
      .map(({ name, kind, namespaced }) => ({
        group,
        version: groupVersion.slice(slash + 1),
        plural: name,
        kind,
        namespaced,
      }));
  });
}
