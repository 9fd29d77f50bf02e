import type { Kubeconfig } from "../certificates/kubeconfig.ts";

/** Options of `startControlPlane`. */
export interface ControlPlaneOptions {
  /** Also runs kube-controller-manager: ServiceAccounts, namespace deletion, garbage collection, quota. */
  readonly controllerManager?: boolean;
  /** Writes an audit log, see {@link ControlPlane.auditLogPath}. */
  readonly auditLog?: boolean;
  /** Appended to kube-apiserver's command line; a repeated flag wins over the built-in one. */
  readonly extraApiServerArgs?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** How `restartApiServer` ends the old process. */
export interface RestartApiServerOptions {
  /** SIGKILL (the default) cuts all connections at once; SIGTERM lets it drain for at most 20 s. */
  readonly with?: "SIGTERM" | "SIGKILL";
  /** How long it stays down, in milliseconds; default 0. */
  readonly downMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A running etcd and kube-apiserver of its own certificate authority on 127.0.0.1. All of it ends with this process,
 * however that ends; disposing it ends it at once and removes its directory.
 */
export interface ControlPlane extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly server: string;
  readonly caPem: string;
  /** The administrator's kubeconfig (group system:masters), as object and as file. */
  readonly kubeconfig: Kubeconfig;
  readonly kubeconfigPath: string;
  /** The current pid of each component, by its name. */
  readonly pids: Readonly<Record<string, number>>;
  /** Where certificates, data, logs are; removed at the end. */
  readonly directory: string;
  /** One JSON object a line (audit.k8s.io/v1 Event); undefined without the `auditLog` option. */
  readonly auditLogPath: string | undefined;
  /** A kubeconfig with a fresh client certificate for a user of these groups; RBAC grants it nothing by itself. */
  createKubeconfig(user: string, groups?: readonly string[]): Promise<{ path: string; kubeconfig: Kubeconfig }>;
  /** Ends kube-apiserver and starts it again on the same port and data; resolves when it is ready. */
  restartApiServer(options?: RestartApiServerOptions): Promise<void>;
}
