import type { Webhook, WebhookConfiguration } from "@carrel/kube";

/** The JSON patch (RFC 6902) that makes every webhook of the configuration trust the bundle; undefined when all do. */
export function planBundle(configuration: WebhookConfiguration, bundle: string): readonly object[] | undefined {
  const wanted = Buffer.from(bundle, "utf8").toString("base64");
  const webhooks = configuration.webhooks ?? [];
  const operations = webhooks.flatMap((webhook, index) =>
    webhook.clientConfig.caBundle === wanted
      ? []
      : [
          { op: "test", path: `/webhooks/${index}/name`, value: webhook.name },
          { op: "add", path: `/webhooks/${index}/clientConfig/caBundle`, value: wanted },
        ],
  );
  if (operations.length === 0) return undefined;
  const { resourceVersion } = configuration.metadata;
  return [{ op: "test", path: "/metadata/resourceVersion", value: resourceVersion }, ...operations];
}

/** True when every webhook of the configuration trusts the authority. One without webhooks trusts nobody. */
export function trusts(configuration: WebhookConfiguration | undefined, authority: string): boolean {
  const webhooks = configuration?.webhooks ?? [];
  return webhooks.length > 0 && webhooks.every((webhook) => bundleText(webhook).includes(authority.trim()));
}

function bundleText({ clientConfig }: Webhook): string {
  return Buffer.from(clientConfig.caBundle ?? "", "base64").toString("utf8");
}
