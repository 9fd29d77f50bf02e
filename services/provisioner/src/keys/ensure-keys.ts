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
import { LABELS, MANAGED_BY, type ObjectMeta } from "@carrel/api";
import {
  CONFIG_MAPS,
  isAlreadyExists,
  SECRETS,
  type KubeClient,
  type KubeObject,
  type Resource,
  type Secret,
} from "@carrel/kube";

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
  const metadata = (name: string): ObjectMeta => ({ name, namespace, labels: { [LABELS.managedBy]: MANAGED_BY } });
  const secret = (name: string, entry: string, text: string): Secret => ({
    metadata: metadata(name),
    stringData: { [entry]: text },
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
  const keys = parseSigningKeys(Buffer.from(stored.data?.[signingKeys.entry] ?? "", "base64").toString());
  const published = { metadata: metadata(jwks.name), data: { [jwks.entry]: serialiseJwks(publicJwks(keys)) } };
  await createOrGet(client, CONFIG_MAPS, published, signal);
  return keys;
}

async function createOrGet<T extends KubeObject>(
  client: KubeClient,
  of: Resource<T>,
  object: T,
  signal: AbortSignal,
): Promise<T> {
  const namespace = object.metadata.namespace ?? "";
  try {
    return await client.create(of, object, { namespace, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return await client.get(of, object.metadata.name, { namespace, signal });
  }
}
