import type { Workspace } from "@carrel/api";
import { Informer, SECRETS, watching, type Manager, type ReadonlyStore, type Secret } from "@carrel/kube";
import { SecretCopyReconciler, sourcesOf } from "./secret-copy-reconciler.ts";
import { CachedSharedSecrets, withoutUnsharedValues, type SharedSecrets } from "./shared-secrets.ts";

/** Index of Workspaces by the sources of their copied Secrets. */
const SOURCE_INDEX = "secret-source";

/**
 * Adds the caches of shared Secrets, on every replica, and what keeps their copies in step, on the leader. Each namespace
 * has a cache and a controller of its own that nothing waits for: one that was deleted, or may not be read any more, is
 * its own trouble.
 *
 * @param namespaces those that the operator shares Secrets from; none: there is neither cache nor controller.
 * @returns where new workspaces' copies come from.
 */
export function addSecretCopies(
  manager: Manager,
  workspaces: Informer<Workspace>,
  namespaces: readonly string[],
): SharedSecrets {
  const { client, clock, logger, metrics } = manager;
  const stores = new Map<string, ReadonlyStore<Secret>>();
  const shared = new CachedSharedSecrets(client, stores);
  if (namespaces.length > 0) workspaces.addIndex(SOURCE_INDEX, sourcesOf);
  const reconciler = new SecretCopyReconciler({ client, workspaces: workspaces.store, shared });
  for (const namespace of new Set(namespaces)) {
    const selection = { namespace, transform: withoutUnsharedValues };
    const informer = new Informer({ client, clock, logger, metrics }, SECRETS, selection);
    stores.set(namespace, informer.store);
    manager.add({
      name: `shared-secrets-${namespace}`,
      run: (signal) => informer.run(signal),
      isAlive: () => informer.isAlive(),
    });
    manager.addController(
      {
        name: `secret-copies-${namespace}`,
        reconcile: (name, signal) => reconciler.reconcile(name, signal),
        watches: [
          watching(informer, ({ metadata }) =>
            workspaces.store
              .byIndex(SOURCE_INDEX, `${namespace}/${metadata.name}`)
              .map((workspace) => workspace.metadata.name),
          ),
        ],
      },
      { elected: true },
    );
  }
  return shared;
}
