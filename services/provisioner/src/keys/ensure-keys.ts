import {
  generateCookieKey,
  generateSigningKey,
  KEY_OBJECTS,
  parseSigningKeys,
  publicJwks,
  serialiseCookieKeys,
  serialiseJwks,
  serialiseSigningKeys,
  type SigningKey,
} from "@carrel/auth";
import { MANAGED_BY, LABELS } from "@carrel/api";
import { CONFIG_MAPS, isAlreadyExists, SECRETS, type KubeClient, type KubeObject, type Resource } from "@carrel/kube";

/**
 * Makes sure that the keys of this installation exist and returns the signing keys. Of several provisioners that start
 * at once one creates each object and the others read it, so all sign with the same key.
 */
export async function ensureKeys(
  client: KubeClient,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly SigningKey[]> {
  const { signingKeys, jwks, cookieKeys } = KEY_OBJECTS;
  const secret = (name: string, entry: string, text: string): KubeObject => ({
    ...base("Secret", name, namespace),
    ...{ stringData: { [entry]: text } },
  });
  const [stored] = await Promise.all([
    createOrGet(
      client,
      SECRETS,
      secret(signingKeys.name, signingKeys.entry, serialiseSigningKeys([await generateSigningKey()])),
      signal,
    ),
    createOrGet(
      client,
      SECRETS,
      secret(cookieKeys.name, cookieKeys.entry, serialiseCookieKeys([generateCookieKey()])),
      signal,
    ),
  ]);
  const { data } = stored as { readonly data?: Readonly<Record<string, string>> };
  const keys = parseSigningKeys(Buffer.from(data?.[signingKeys.entry] ?? "", "base64").toString());
  const published = {
    ...base("ConfigMap", jwks.name, namespace),
    ...{ data: { [jwks.entry]: serialiseJwks(publicJwks(keys)) } },
  };
  await createOrGet(client, CONFIG_MAPS, published, signal);
  return keys;
}

function base(kind: string, name: string, namespace: string): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name, namespace, labels: { [LABELS.managedBy]: MANAGED_BY } } };
}

async function createOrGet(
  client: KubeClient,
  of: Resource,
  object: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject> {
  const namespace = object.metadata.namespace ?? "";
  try {
    return await client.create(of, object, { namespace, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return await client.get(of, object.metadata.name, { namespace, signal });
  }
}
