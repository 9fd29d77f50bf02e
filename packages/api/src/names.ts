import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648 base32 in lower case without padding. */
function base32(bytes: Uint8Array): string {
  let out = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET.charAt((buffer >> bits) & 31);
    }
  }
  return bits > 0 ? out + ALPHABET.charAt((buffer << (5 - bits)) & 31) : out;
}

/**
 * The name of the Session for an idempotency key: the same key of the same tenant always meets the same object, so
 * CREATE itself is the lock. 20 base32 characters are 100 bits. It is also the host label: no hyphen inside.
 */
export function sessionName(tenant: string, idempotencyKey: string): string {
  const digest = createHash("sha256").update(tenant).update("\0").update(idempotencyKey).digest();
  return `s${base32(digest).slice(0, 20)}`;
}

/** A fresh, unguessable Workspace name (100 bits); its namespaces are called after it, so none is ever used twice. */
export function newWorkspaceName(): string {
  return `w${base32(randomBytes(13)).slice(0, 20)}`;
}

/** The name of a workspace's namespace: the primary one (no suffix) or an additional one. */
export function namespaceName(workspace: string, suffix?: string): string {
  return suffix === undefined ? workspace : `${workspace}-${suffix}`;
}

/** The Secret that keeps a session's secret parameters, in the namespace for such Secrets. */
export function secretParametersName(session: string): string {
  return `${session}-parameters`;
}

/** RFC 1123 label: what names of tenants, templates and endpoints look like. */
export const DNS_LABEL_PATTERN = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";
/** Names of sessions. */
export const SESSION_NAME_PATTERN = "^s[a-z2-7]{20}$";

/** The one ServiceAccount that a learner's processes run as. */
export const LEARNER_SERVICE_ACCOUNT = "learner";
/** Name of the workspace pod in the primary namespace. */
export const DESK_POD = "desk";
/** PriorityClass of workspace pods: their quota is scoped by it. */
export const DESK_PRIORITY_CLASS = "carrel-desk";
