import type { KeyPair } from "./issue-certificate.ts";
import { isPair, isSignedBy, readCertificate, splitPem } from "./read-certificate.ts";

/** Everything that the webhook's TLS rests on: what its Secret holds. */
export interface CertificateSet {
  /** Signs the server certificate. */
  readonly authority: KeyPair;
  readonly server: KeyPair;
  /** Published, but signing nothing yet. */
  readonly next?: KeyPair;
  /** When {@link next} was made, in milliseconds since the epoch. */
  readonly stagedAtMs?: number;
  /** Signing nothing any more, but published until it expires. */
  readonly previous: readonly string[];
}

const KEYS = {
  authorityCertificate: "ca.crt",
  authorityKey: "ca.key",
  serverCertificate: "tls.crt",
  serverKey: "tls.key",
  nextCertificate: "next-ca.crt",
  nextKey: "next-ca.key",
  stagedAt: "staged-at",
  previous: "previous-ca.crt",
} as const;

/** The `data` of a Secret (base64) that holds the set. */
export function toSecretData(set: CertificateSet): Record<string, string> {
  const text: Record<string, string> = {
    [KEYS.authorityCertificate]: set.authority.certificate,
    [KEYS.authorityKey]: set.authority.key,
    [KEYS.serverCertificate]: set.server.certificate,
    [KEYS.serverKey]: set.server.key,
  };
  if (set.next !== undefined) {
    text[KEYS.nextCertificate] = set.next.certificate;
    text[KEYS.nextKey] = set.next.key;
    text[KEYS.stagedAt] = new Date(set.stagedAtMs ?? 0).toISOString();
  }
  if (set.previous.length > 0) text[KEYS.previous] = set.previous.join("");
  return Object.fromEntries(
    Object.entries(text).map(([key, value]) => [key, Buffer.from(value, "utf8").toString("base64")]),
  );
}

/**
 * Reads the set from a Secret's `data`.
 *
 * @returns undefined when a part is missing or does not fit the others: such a set must be made anew.
 */
export function fromSecretData(data: Readonly<Record<string, string>> | undefined): CertificateSet | undefined {
  const read = (key: string): string => Buffer.from(data?.[key] ?? "", "base64").toString("utf8");
  const authority = { certificate: read(KEYS.authorityCertificate), key: read(KEYS.authorityKey) };
  const server = { certificate: read(KEYS.serverCertificate), key: read(KEYS.serverKey) };
  if (!isPair(authority) || !isPair(server)) return undefined;
  if (readCertificate(authority.certificate)?.isAuthority !== true) return undefined;
  if (!isSignedBy(server.certificate, authority.certificate)) return undefined;
  const next = { certificate: read(KEYS.nextCertificate), key: read(KEYS.nextKey) };
  const stagedAtMs = Date.parse(read(KEYS.stagedAt));
  const staged = isPair(next) && !Number.isNaN(stagedAtMs) ? { next, stagedAtMs } : {};
  return { authority, server, ...staged, previous: splitPem(read(KEYS.previous)) };
}

/** The authorities that the API server must trust, old ones first, as one PEM text: the `caBundle`. */
export function bundleOf(set: CertificateSet): string {
  const all = [...set.previous, set.authority.certificate, ...(set.next === undefined ? [] : [set.next.certificate])];
  return all.join("");
}
