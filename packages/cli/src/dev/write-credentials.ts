import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Cluster } from "@carrel/cluster";
import { SECRETS, SERVICE_ACCOUNT_TOKENS, type KubeClient } from "@carrel/kube";
import { CarrelError } from "@carrel/std";
import { SYSTEM_NAMESPACE } from "../install/install-chart.ts";

/** How long a token is good. Longer than a day's work at one stretch needs another `carrel dev`. */
const TOKEN_SECONDS = 8 * 3600;
/** The Secret with the services' NATS passwords, a key for each. */
const NATS_SECRET = "carrel-nats-services";

export interface CredentialsOptions {
  readonly client: KubeClient;
  readonly cluster: Cluster;
  readonly services: readonly { readonly name: string; readonly nats: boolean }[];
  readonly signal: AbortSignal;
}

/** Files with which services run as themselves; disposing removes them. */
export interface Credentials extends AsyncDisposable {
  kubeconfigPath(service: string): string;
  natsPasswordPath(service: string): string;
}

/**
 * Writes, for each service, a kubeconfig of its own ServiceAccount, so that RBAC is the real one, and its NATS password.
 * Only the owner can read them; they lie in the cluster's state directory and go with it if nobody disposes them.
 *
 * @throws CarrelError `NO_CREDENTIALS` when the Secret lacks a password.
 */
export async function writeCredentials(options: CredentialsOptions): Promise<Credentials> {
  const { client, cluster, services, signal } = options;
  const directory = path.join(cluster.directory, "dev");
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  const kubeconfigPath = (service: string): string => path.join(directory, `${service}.kubeconfig`);
  const natsPasswordPath = (service: string): string => path.join(directory, `${service}.nats-password`);
  const write = (file: string, text: string): Promise<void> => writeFile(file, text, { mode: 0o600 });
  for (const { name, nats } of services) {
    const token = await requestToken(client, name, signal);
    await write(kubeconfigPath(name), JSON.stringify(renderKubeconfig(cluster, name, token)));
    if (nats) await write(natsPasswordPath(name), await natsPassword(client, name, signal));
  }
  return {
    kubeconfigPath,
    natsPasswordPath,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

async function requestToken(client: KubeClient, account: string, signal: AbortSignal): Promise<string> {
  const { status } = await client.create(
    SERVICE_ACCOUNT_TOKENS,
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: { name: account, namespace: SYSTEM_NAMESPACE },
      spec: { expirationSeconds: TOKEN_SECONDS },
    },
    { namespace: SYSTEM_NAMESPACE, subresource: "token", signal },
  );
  if (status === undefined) throw new CarrelError("NO_CREDENTIALS", `no token for ServiceAccount ${account}`);
  return status.token;
}

async function natsPassword(client: KubeClient, service: string, signal: AbortSignal): Promise<string> {
  const secret = await client.get(SECRETS, NATS_SECRET, { namespace: SYSTEM_NAMESPACE, signal });
  const password = secret.data?.[service];
  if (password === undefined)
    throw new CarrelError("NO_CREDENTIALS", `Secret ${NATS_SECRET} has no password for ${service}: ./carrel up`);
  return Buffer.from(password, "base64").toString();
}

function renderKubeconfig({ kubeconfig }: Cluster, user: string, token: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "carrel", cluster: kubeconfig.clusters[0].cluster }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "carrel", context: { cluster: "carrel", user, namespace: SYSTEM_NAMESPACE } }],
    "current-context": "carrel",
  };
}
