import type { CertificateSet } from "./certificate-set.ts";
import type { Validity } from "./issue-certificate.ts";
import { readCertificate } from "./read-certificate.ts";

/** How long certificates hold, and how their change-over goes. */
export interface RotationSettings {
  /** Life of an authority, in milliseconds. */
  readonly authorityLifeMs: number;
  /** Life of a server certificate, in milliseconds; never longer than what is left of its authority's. */
  readonly serverLifeMs: number;
  /** How long a new authority is published before anything that it signed is served, in milliseconds. */
  readonly publishMs: number;
  /** DNS names and IP addresses that the API server calls the webhook by. */
  readonly names: readonly string[];
}

/** The next step; at most one at a time, each a compare-and-swap of the Secret. */
export type RotationStep =
  /** Nothing until then. */
  | { readonly action: "rest"; readonly untilMs: number }
  /** There is nothing that can be used: make all of it. */
  | { readonly action: "begin" }
  /** Make the next authority, so that it is published beside the old one. */
  | { readonly action: "stage" }
  /** Let the staged authority sign a new server certificate; the old one stays published. */
  | { readonly action: "promote" }
  /** A new server certificate from the same authority. */
  | { readonly action: "renew" }
  /** Forget previous authorities that have expired. */
  | { readonly action: "prune" };

/**
 * Decides the next step of the change-over. Authority and server certificate are replaced at two thirds of their life;
 * the new authority is trusted everywhere before it signs, and the old one as long as it holds, so that no handshake
 * ever fails.
 *
 * @param isPublished whether every webhook configuration carries the staged authority.
 */
export function planRotation(
  set: CertificateSet | undefined,
  isPublished: boolean,
  nowMs: number,
  settings: RotationSettings,
): RotationStep {
  if (set === undefined) return { action: "begin" };
  const authority = readCertificate(set.authority.certificate);
  const server = readCertificate(set.server.certificate);
  if (authority === undefined || server === undefined || authority.untilMs <= nowMs) return { action: "begin" };

  const sameNames =
    settings.names.length === server.names.length && settings.names.every((name) => server.names.includes(name));
  if (!sameNames || server.untilMs <= nowMs) return { action: "renew" };
  if (set.next !== undefined) {
    const dueMs = (set.stagedAtMs ?? nowMs) + settings.publishMs;
    if (nowMs >= dueMs && isPublished) return { action: "promote" };
    // Publishing may take long (a configuration is missing): what is served must hold meanwhile.
    if (nowMs >= rotateAt(server) && server.untilMs < authority.untilMs) return { action: "renew" };
    return { action: "rest", untilMs: Math.max(dueMs, nowMs + Math.min(settings.publishMs, 1000)) };
  }
  if (nowMs >= rotateAt(authority)) return { action: "stage" };
  if (nowMs >= rotateAt(server)) return { action: "renew" };
  const ends = set.previous.map((pem) => readCertificate(pem)?.untilMs ?? 0);
  if (ends.some((endMs) => endMs <= nowMs)) return { action: "prune" };
  return { action: "rest", untilMs: Math.min(rotateAt(authority), rotateAt(server), ...ends) };
}

/** Two thirds of a life. */
function rotateAt({ fromMs, untilMs }: Validity): number {
  return fromMs + ((untilMs - fromMs) * 2) / 3;
}
