import { CarrelError } from "@carrel/std";

/** A certificate, key or token: as it stands in the kubeconfig, or a file that is read again when it may have changed. */
export type Material = { readonly value: string } | { readonly file: string };

/** Where an API server is and who asks. Holds secrets: never log it. */
export interface ClusterConfig {
  /** `https://host:port`, with a path prefix when the server is behind one. */
  readonly server: string;
  /** Name to expect in the server's certificate instead of the host (`tls-server-name`). */
  readonly tlsServerName?: string | undefined;
  /** PEM of the authorities that sign the server's certificate; absent: the public ones. */
  readonly ca?: Material | undefined;
  readonly clientCertificate?: Material | undefined;
  readonly clientKey?: Material | undefined;
  /** Bearer token. */
  readonly token?: Material | undefined;
  /** The namespace that the configuration names; what a Pod runs in when in a cluster. */
  readonly namespace: string;
}

/** What is wrong with a kubeconfig or in-cluster configuration; says what to change. */
export class KubeConfigError extends CarrelError<"KUBE_CONFIG"> {
  override readonly name: string = "KubeConfigError";

  constructor(message: string, cause?: unknown) {
    super("KUBE_CONFIG", message, { cause });
  }
}
