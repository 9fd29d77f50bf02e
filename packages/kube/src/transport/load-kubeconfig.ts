import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type ClusterConfig, KubeConfigError } from "./cluster-config.ts";
import { parseKubeconfig } from "./parse-kubeconfig.ts";

/** Where every Pod finds its ServiceAccount's token, the CA and its namespace. */
export const SERVICE_ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server as a Pod reaches it. */
export interface InClusterOptions {
  /** `KUBERNETES_SERVICE_HOST`; default the name `kubernetes.default.svc`, which needs the cluster's DNS. */
  readonly host?: string | undefined;
  /** `KUBERNETES_SERVICE_PORT_HTTPS`; default 443. */
  readonly port?: number | undefined;
  /** Default {@link SERVICE_ACCOUNT_DIRECTORY}. */
  readonly directory?: string | undefined;
}

/** Which configuration to load. */
export interface LoadKubeconfigOptions {
  /** A kubeconfig file. */
  readonly path?: string | undefined;
  /** Context in that file, default its current one. */
  readonly context?: string | undefined;
  /** Use the Pod's ServiceAccount. */
  readonly inCluster?: boolean | InClusterOptions | undefined;
}

/**
 * Loads the kubeconfig at `path`, or the Pod's own ServiceAccount with `inCluster`. With neither: the ServiceAccount
 * if there is one. Reads no environment variable: pass what those say.
 * @throws KubeConfigError
 */
export async function loadKubeconfig(options: LoadKubeconfigOptions = {}): Promise<ClusterConfig> {
  const { path, context, inCluster } = options;
  if (path !== undefined) {
    const text = await readText(path);
    return parseKubeconfig(text, { directory: dirname(resolve(path)), context });
  }
  const given = typeof inCluster === "object" ? inCluster : {};
  const directory = given.directory ?? SERVICE_ACCOUNT_DIRECTORY;
  if (!existsSync(join(directory, "token"))) {
    throw new KubeConfigError(`no kubeconfig was given and ${directory} holds no ServiceAccount token`);
  }
  const host = given.host ?? "kubernetes.default.svc";
  const namespace = (await readText(join(directory, "namespace"))).trim();
  return {
    server: `https://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${given.port ?? 443}`,
    ca: { file: join(directory, "ca.crt") },
    token: { file: join(directory, "token") },
    namespace,
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new KubeConfigError(`cannot read ${path}`, cause);
  }
}
