import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A kubeconfig of one cluster and one user, as kubectl and every client library read it. Self-contained. */
export interface Kubeconfig {
  readonly apiVersion: "v1";
  readonly kind: "Config";
  readonly clusters: readonly [
    {
      readonly name: string;
      readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
    },
  ];
  readonly users: readonly [
    {
      readonly name: string;
      readonly user: { readonly "client-certificate-data": string; readonly "client-key-data": string };
    },
  ];
  readonly contexts: readonly [
    { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } },
  ];
  readonly "current-context": string;
}

/** What {@link renderKubeconfig} puts together; certificates and key as PEM. */
export interface KubeconfigParts {
  readonly server: string;
  readonly user: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Builds a kubeconfig from its parts. Pure. */
export function renderKubeconfig(parts: KubeconfigParts): Kubeconfig {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "carrel", cluster: { server: parts.server, "certificate-authority-data": base64(parts.caPem) } },
    ],
    users: [
      {
        name: parts.user,
        user: { "client-certificate-data": base64(parts.certPem), "client-key-data": base64(parts.keyPem) },
      },
    ],
    contexts: [{ name: "carrel", context: { cluster: "carrel", user: parts.user } }],
    "current-context": "carrel",
  };
}

/**
 * Builds a kubeconfig from the files `CA.crt`, `NAME.crt`, `NAME.key` of `certificates` and writes it to `path`
 * (mode 0600, JSON, which is YAML).
 */
export async function writeKubeconfig(
  path: string,
  from: { readonly server: string; readonly certificates: string; readonly name: string; readonly user: string },
): Promise<Kubeconfig> {
  const read = (file: string): Promise<string> => readFile(join(from.certificates, file), "utf8");
  const [caPem, certPem, keyPem] = await Promise.all([
    read("ca.crt"),
    read(`${from.name}.crt`),
    read(`${from.name}.key`),
  ]);
  const kubeconfig = renderKubeconfig({ server: from.server, user: from.user, caPem, certPem, keyPem });
  await writeFile(path, `${JSON.stringify(kubeconfig, undefined, 2)}\n`, { mode: 0o600 });
  return kubeconfig;
}
