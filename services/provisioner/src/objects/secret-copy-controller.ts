import type { Workspace } from "@carrel/api";
import { watching, type Informer, type Manager } from "@carrel/kube";
import { SecretCopyReconciler, sourcesOf } from "./secret-copy-reconciler.ts";
import { CachedSharedSecrets, sharedSecretInformers, type SharedSecrets } from "./shared-secrets.ts";

/** Index of Workspaces by the sources of their copied Secrets. */
const SOURCE_INDEX = "secret-source";

/**
 * The caches of shared Secrets and the controller that keeps their copies in step, on the leader. Without namespaces to
 * share from there is neither.
 */
export class SecretCopyController {
  /** Where new workspaces' copies come from. */
  readonly shared: SharedSecrets;

  /** `namespaces`: those that the operator shares Secrets from. */
  constructor(manager: Manager, workspaces: Informer<Workspace>, namespaces: readonly string[]) {
    const sources = sharedSecretInformers(manager, namespaces);
    const { client } = manager;
    this.shared = new CachedSharedSecrets(
      client,
      new Map([...sources].map(([namespace, { store }]) => [namespace, store])),
    );
    if (sources.size === 0) return;
    workspaces.addIndex(SOURCE_INDEX, sourcesOf);
    const reconciler = new SecretCopyReconciler({ client, workspaces: workspaces.store, shared: this.shared });
    manager.addController(
      {
        name: "secret-copies",
        concurrency: 4,
        reconcile: (name, signal) => reconciler.reconcile(name, signal),
        watches: [...sources.values()].map((informer) =>
          watching(informer, ({ metadata }) =>
            workspaces.store
              .byIndex(SOURCE_INDEX, `${metadata.namespace ?? ""}/${metadata.name}`)
              .map((workspace) => workspace.metadata.name),
          ),
        ),
      },
      { elected: true },
    );
  }
}
