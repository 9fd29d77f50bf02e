import type { PolicyProfile, Workspace } from "@carrel/api";
import { ResourceMapper, type Informer, type Manager } from "@carrel/kube";
import { addSecretCopies } from "./add-secret-copies.ts";
import { allowsClusterKind } from "./allows-cluster-kind.ts";
import { ObjectSteps } from "./object-steps.ts";
import { TemplateObjects } from "./objects-engine.ts";
import { SecretCopies } from "./secret-copies.ts";
import { SecretParameters } from "./secret-parameters.ts";

export interface AddObjectsOptions {
  readonly workspaces: Informer<Workspace>;
  readonly profiles: Informer<PolicyProfile>;
  /** Where the secret parameters of sessions are. */
  readonly parametersNamespace: string;
  /** Namespaces that templates may copy Secrets from. */
  readonly sharedSecretNamespaces: readonly string[];
}

/** What brings along the objects and Secrets of templates; keeps copied Secrets in step on the leader. */
export function addObjects(manager: Manager, options: AddObjectsOptions): TemplateObjects {
  const { client, clock } = manager;
  const { workspaces, profiles } = options;
  const shared = addSecretCopies(manager, workspaces, options.sharedSecretNamespaces);
  return new TemplateObjects({
    clock,
    steps: new ObjectSteps({
      client,
      clock,
      mapper: new ResourceMapper({ client, clock }),
      allowsClusterKind: (group, kind) =>
        allowsClusterKind(
          profiles.store.list().map(({ spec }) => spec),
          group,
          kind,
        ),
    }),
    copies: new SecretCopies(client, shared),
    secretParameters: new SecretParameters(client, options.parametersNamespace),
  });
}
