import type { KubeObject, Resource } from "../client/resource.ts";
import { Informer, type InformerContext, type InformerOptions } from "../reflector/informer.ts";

/** The informers of a process: one per kind and selection, however many ask for it. */
export class InformerRegistry {
  readonly #context: InformerContext;
  readonly #informers: Informer<KubeObject>[] = [];

  constructor(context: InformerContext) {
    this.#context = context;
  }

  all(): readonly Informer<KubeObject>[] {
    return this.#informers;
  }

  /**
   * The informer of these objects; `created` tells that it is new. Indexes of later callers are added to it; page size,
   * watch length and retries are those of the first.
   */
  get<T extends KubeObject>(
    of: Resource<T>,
    options: InformerOptions<T>,
  ): { readonly informer: Informer<T>; readonly created: boolean } {
    const found = this.#informers.find((informer) => isSame(informer, of, options));
    if (found === undefined) {
      const informer = new Informer(this.#context, of, options);
      this.#informers.push(informer as unknown as Informer<KubeObject>);
      return { informer, created: true };
    }
    // The same resource: what it holds are T's.
    const informer = found as unknown as Informer<T>;
    for (const [name, valuesOf] of Object.entries(options.indexes ?? {})) informer.addIndex(name, valuesOf);
    return { informer, created: false };
  }
}

function isSame<T extends KubeObject>(
  { resource, options: theirs }: Informer<KubeObject>,
  of: Resource<T>,
  ours: InformerOptions<T>,
): boolean {
  return (
    resource.group === of.group &&
    resource.version === of.version &&
    resource.plural === of.plural &&
    theirs.namespace === ours.namespace &&
    theirs.labelSelector === ours.labelSelector &&
    theirs.fieldSelector === ours.fieldSelector &&
    (theirs.metadataOnly ?? false) === (ours.metadataOnly ?? false) &&
    (theirs.transform as unknown) === ours.transform
  );
}
