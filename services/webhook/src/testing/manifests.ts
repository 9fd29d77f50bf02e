import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseAllDocuments } from "yaml";

/** An object as it stands in a file. */
export type Manifest = Readonly<Record<string, unknown>> & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

const SERVICE = path.resolve(import.meta.dirname, "../..");
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const PLURALS: Readonly<Record<string, string>> = {
  ClusterRole: `${RBAC}/clusterroles`,
  ClusterRoleBinding: `${RBAC}/clusterrolebindings`,
  Role: `${RBAC}/namespaces/carrel-system/roles`,
  RoleBinding: `${RBAC}/namespaces/carrel-system/rolebindings`,
  ValidatingWebhookConfiguration: "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  MutatingWebhookConfiguration: "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
};

/** The path that a manifest is posted to. */
export function pathOfManifest({ kind }: Manifest): string {
  const found = PLURALS[kind];
  if (found === undefined) throw new Error(`no path is known for ${kind}`);
  return found;
}

/** What the webhook's ServiceAccount may do: `rbac.yaml`. */
export async function rights(): Promise<readonly Manifest[]> {
  return await manifests("rbac.yaml");
}

/** `webhook-configuration.yaml`, with this port of the loopback in place of the Service. */
export async function webhookConfigurations(port: number): Promise<readonly Manifest[]> {
  return (await manifests("webhook-configuration.yaml")).map((manifest) => withUrl(manifest, port));
}

async function manifests(file: string): Promise<readonly Manifest[]> {
  const text = await readFile(path.join(SERVICE, file), "utf8");
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

function withUrl(manifest: Manifest, port: number): Manifest {
  const webhooks = manifest["webhooks"] as readonly {
    readonly clientConfig: { readonly service: { readonly path: string } };
  }[];
  return {
    ...manifest,
    webhooks: webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { url: `https://127.0.0.1:${port}${webhook.clientConfig.service.path}` },
    })),
  };
}
