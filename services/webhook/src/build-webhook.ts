import { LABELS, type Workspace } from "@carrel/api";
import {
  Manager,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  NAMESPACES,
  POLICY_PROFILES,
  SECRETS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
  watching,
  WORKSPACES,
  type Informer,
  type KubeClient,
  type KubeObject,
  type Logger,
  type Resource,
} from "@carrel/kube";
import { systemClock, type Clock } from "@carrel/std";
import { CertificateKeeper } from "./certificates/certificate-keeper.ts";
import { ServingCertificate } from "./certificates/serving-certificate.ts";
import type { Config } from "./config.ts";
import { CachedFactSource } from "./facts/fact-source.ts";
import { ReadThrough } from "./facts/read-through.ts";
import { slimWorkspace } from "./facts/slim-workspace.ts";
import { createWebhookMetrics } from "./metrics.ts";
import { AdmissionServer } from "./server/admission-server.ts";
import { ReviewHandler } from "./server/review-handler.ts";
import { CachedTemplateFacts } from "./templates/template-facts.ts";

export interface WebhookOptions {
  readonly client: KubeClient;
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** A webhook, put together and not yet running. */
export interface Webhook {
  readonly manager: Manager;
  readonly server: AdmissionServer;
  readonly keeper: CertificateKeeper;
  /** Names of what is missing before reviews can be served and are trusted. */
  readonly missing: () => readonly string[];
}

/** Puts the webhook together: caches, certificates, server. */
export function buildWebhook({ client, config, logger, clock = systemClock }: WebhookOptions): Webhook {
  const manager = new Manager({ client, logger, clock });
  const metrics = createWebhookMetrics();
  const throughCache = <T extends KubeObject>(resource: Resource<T>, informer: Informer<T>): ReadThrough<T> =>
    new ReadThrough({ client, clock, resource, store: informer.store, informer });

  const profiles = manager.informer(POLICY_PROFILES);
  const facts = new CachedFactSource(
    throughCache(NAMESPACES, manager.informer(NAMESPACES, { labelSelector: LABELS.workspace })),
    throughCache(WORKSPACES, manager.informer<Workspace>(WORKSPACES, { transform: slimWorkspace })),
    throughCache(POLICY_PROFILES, profiles),
  );
  const { namespace, secretName, validatingConfiguration, mutatingConfiguration } = config;
  const secrets = manager.informer(SECRETS, { namespace, fieldSelector: `metadata.name=${secretName}` });
  const validating = manager.informer(VALIDATING_WEBHOOK_CONFIGURATIONS, {
    fieldSelector: `metadata.name=${validatingConfiguration}`,
  });
  const mutating = manager.informer(MUTATING_WEBHOOK_CONFIGURATIONS, {
    fieldSelector: `metadata.name=${mutatingConfiguration}`,
  });

  const serving = new ServingCertificate();
  const keeper = new CertificateKeeper({
    client,
    clock,
    logger,
    serving,
    places: { namespace, secretName, validatingConfiguration, mutatingConfiguration },
    rotation: {
      authorityLifeMs: config.authorityLifeMs,
      serverLifeMs: config.serverLifeMs,
      publishMs: config.publishMs,
      names: serverNames(config),
    },
    secrets: secrets.store,
    validating: validating.store,
    mutating: mutating.store,
  });
  const key = (): readonly string[] => [secretName];
  const certificates = manager.addController({
    name: "certificates",
    concurrency: 1,
    reconcile: (_key, signal) => keeper.reconcile(signal),
    watches: [watching(secrets, key), watching(validating, key), watching(mutating, key)],
  });
  // The first one has no object yet that could wake it.
  certificates.enqueue(secretName);
  metrics.certificateExpiry.addCallback((result) => {
    const untilMs = keeper.expiresAtMs();
    if (untilMs !== undefined) result.observe((untilMs - clock.now()) / 1000);
  });

  const { operatorGroups, trustedUsers, tokenAudiences } = config;
  const settings = { carrelNamespace: namespace, operatorGroups, trustedUsers, tokenAudiences };
  const templateFacts = new CachedTemplateFacts(client, profiles.store);
  const handler = new ReviewHandler({ facts, templateFacts, settings, logger, metrics });
  const { port, host } = config;
  const server = new AdmissionServer({
    port,
    ...(host === undefined ? {} : { host }),
    serving,
    handler,
    clock,
    logger,
    metrics,
  });
  manager.add(server);
  return {
    manager,
    server,
    keeper,
    missing: () => [
      ...manager.ready().problems,
      ...(server.port === undefined ? ["the admission server does not listen yet"] : []),
      ...(keeper.isTrusted() ? [] : ["the API server does not trust the certificate yet"]),
    ],
  };
}

function serverNames({ serviceName, namespace, extraNames }: Config): readonly string[] {
  const host = `${serviceName}.${namespace}.svc`;
  return [host, `${host}.cluster.local`, ...extraNames];
}
