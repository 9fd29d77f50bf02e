import { LABELS, MANAGED_BY } from "@carrel/api";
import {
  isAlreadyExists,
  isInvalid,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  SECRETS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
  type KubeClient,
  type Logger,
  type ReadonlyStore,
  type ReconcileResult,
  type Resource,
  type Secret,
  type WebhookConfiguration,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { bundleOf, fromSecretData, toSecretData, type CertificateSet } from "./certificate-set.ts";
import { planBundle, trusts } from "./plan-bundle.ts";
import { planRotation, type RotationSettings } from "./plan-rotation.ts";
import { readCertificate } from "./read-certificate.ts";
import type { ServingCertificate } from "./serving-certificate.ts";
import { takeStep } from "./take-step.ts";

/** Where the certificates are kept and who must trust them. */
export interface CertificatePlaces {
  readonly namespace: string;
  readonly secretName: string;
  readonly validatingConfiguration: string;
  readonly mutatingConfiguration: string;
}

export interface CertificateKeeperOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly places: CertificatePlaces;
  readonly rotation: RotationSettings;
  readonly serving: ServingCertificate;
  readonly secrets: Pick<ReadonlyStore<Secret>, "get">;
  readonly validating: Pick<ReadonlyStore<WebhookConfiguration>, "get">;
  readonly mutating: Pick<ReadonlyStore<WebhookConfiguration>, "get">;
}

const LONGEST_REST_MS = 3_600_000;
const SHORTEST_REST_MS = 250;

/**
 * Keeps the webhook's certificates: makes and replaces them in their Secret, has the API server trust them, and serves
 * them. Runs on every replica: each write is a compare-and-swap, so whoever is first wins and the others load its work.
 */
export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions;
  /** What was last read or written whole. A Secret that somebody deletes comes back with the same content. */
  #last: CertificateSet | undefined;

  constructor(options: CertificateKeeperOptions) {
    this.#options = options;
  }

  /** True when the API server trusts what is served. */
  isTrusted(): boolean {
    const authority = this.#options.serving.current?.authority;
    return authority !== undefined && this.#isPublished(authority);
  }

  /** When the served certificate expires, in milliseconds since the epoch. */
  expiresAtMs(): number | undefined {
    const { current } = this.#options.serving;
    return current === undefined ? undefined : readCertificate(current.certificate)?.untilMs;
  }

  /** One step: Secret, then who trusts it, then what is served. See {@link planRotation}. */
  async reconcile(signal: AbortSignal): Promise<ReconcileResult> {
    const { clock, places, rotation, secrets } = this.#options;
    const secret = secrets.get(places.secretName, places.namespace);
    let set = fromSecretData(secret?.data);
    if (set === undefined || secret === undefined) {
      set = await this.#write(
        this.#usable() ?? (await takeStep("begin", undefined, clock.now(), rotation)),
        secret,
        signal,
      );
    } else {
      const step = planRotation(
        set,
        set.next !== undefined && this.#isPublished(set.next.certificate),
        clock.now(),
        rotation,
      );
      if (step.action !== "rest") {
        this.#options.logger.info({ reason: step.action }, "changing certificates");
        set = await this.#write(await takeStep(step.action, set, clock.now(), rotation), secret, signal);
      }
    }
    this.#last = set;
    await this.#publish(bundleOf(set), signal);
    this.#options.serving.load({ ...set.server, authority: set.authority.certificate });
    const next = planRotation(set, false, clock.now(), rotation);
    const restMs = next.action === "rest" ? next.untilMs - clock.now() : 0;
    return { requeueAfterMs: Math.min(LONGEST_REST_MS, Math.max(SHORTEST_REST_MS, restMs)) };
  }

  #usable(): CertificateSet | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const step = planRotation(last, false, this.#options.clock.now(), this.#options.rotation);
    return step.action === "begin" ? undefined : last;
  }

  /** Creates or replaces the Secret; another replica's that came first is taken as it is. */
  async #write(set: CertificateSet, old: Secret | undefined, signal: AbortSignal): Promise<CertificateSet> {
    const { client, places } = this.#options;
    const { namespace, secretName } = places;
    const data = toSecretData(set);
    if (old !== undefined) {
      await client.update(SECRETS, { ...old, data }, { namespace, signal });
      return set;
    }
    const labels = { [LABELS.managedBy]: MANAGED_BY };
    const created = { apiVersion: "v1", kind: "Secret", metadata: { name: secretName, namespace, labels }, data };
    try {
      await client.create(SECRETS, created, { namespace, signal });
      return set;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await client.get(SECRETS, secretName, { namespace, signal });
      const theirs = fromSecretData(existing.data);
      if (theirs !== undefined) return theirs;
      await client.update(SECRETS, { ...existing, data }, { namespace, signal });
      return set;
    }
  }

  async #publish(bundle: string, signal: AbortSignal): Promise<void> {
    for (const { of, name, configuration } of this.#configurations()) {
      if (configuration === undefined) {
        this.#options.logger.warn({ kind: of.kind, name }, "the webhook configuration does not exist");
        continue;
      }
      const patch = planBundle(configuration, bundle);
      if (patch === undefined) continue;
      try {
        await this.#options.client.jsonPatch(of, name, patch, { signal });
      } catch (error) {
        // Somebody changed it meanwhile; the watch brings what it is now, and wakes us.
        if (!isInvalid(error)) throw error;
      }
    }
  }

  #isPublished(authority: string): boolean {
    return this.#configurations().every(({ configuration }) => trusts(configuration, authority));
  }

  #configurations(): readonly {
    readonly of: Resource<WebhookConfiguration>;
    readonly name: string;
    readonly configuration: WebhookConfiguration | undefined;
  }[] {
    const { places, validating, mutating } = this.#options;
    const { validatingConfiguration, mutatingConfiguration } = places;
    return [
      {
        of: VALIDATING_WEBHOOK_CONFIGURATIONS,
        name: validatingConfiguration,
        configuration: validating.get(validatingConfiguration),
      },
      {
        of: MUTATING_WEBHOOK_CONFIGURATIONS,
        name: mutatingConfiguration,
        configuration: mutating.get(mutatingConfiguration),
      },
    ];
  }
}
