import { API_VERSION, LABELS, MANAGED_BY, secretParametersName, type Session } from "@carrel/api";
import { isAlreadyExists, SECRETS } from "@carrel/kube";
import { secretData } from "../resources/secret-data.ts";
import type { RequestContext } from "./request-context.ts";

/**
 * Keeps the secret parameters of a session in a Secret of their own namespace, owned by the Session: they go at its
 * end, at the latest with its record. What exists already is what an equal request has kept. A crash before this call is made good by the caller's
 * retry; without one the session fails at its start deadline.
 */
export async function keepSecretParameters(
  { client, parametersNamespace: namespace }: Pick<RequestContext, "client" | "parametersNamespace">,
  session: Session,
  secrets: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  if (Object.keys(secrets).length === 0) return;
  const { name, uid = "" } = session.metadata;
  const secret = {
    metadata: {
      name: secretParametersName(name),
      namespace,
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.session]: name },
      ownerReferences: [{ apiVersion: API_VERSION, kind: "Session", name, uid }],
    },
    immutable: true,
    data: secretData(secrets),
  };
  try {
    await client.create(SECRETS, secret, { namespace, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
