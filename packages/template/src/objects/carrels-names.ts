import { DESK_POD, LEARNER_SERVICE_ACCOUNT } from "@carrel/api";
import { GENERATED_SECRET } from "../generate/generated-secret.ts";

const CARRELS: ReadonlySet<string> = new Set([
  `Pod ${DESK_POD}`,
  `Secret ${GENERATED_SECRET}`,
  `ServiceAccount ${LEARNER_SERVICE_ACCOUNT}`,
  "ServiceAccount default",
  "RoleBinding learner",
  "RoleBinding learner-rules",
  "Role learner-rules",
  "NetworkPolicy isolation",
]);

/** Whether Carrel itself makes an object of this kind and name in a session's namespaces. */
export function isCarrelsName(kind: string, name: string): boolean {
  return CARRELS.has(`${kind} ${name}`);
}
