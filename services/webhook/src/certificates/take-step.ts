import { randomBytes } from "node:crypto";
import type { CertificateSet } from "./certificate-set.ts";
import { issueAuthority, issueServerCertificate, type KeyPair, type Validity } from "./issue-certificate.ts";
import type { RotationSettings, RotationStep } from "./plan-rotation.ts";
import { readCertificate } from "./read-certificate.ts";

/** Clocks of API servers may be behind ours. */
const BACKDATED_MS = 5 * 60_000;

/**
 * The set after a step of the plan. `set` may be absent for `begin` only.
 *
 * Certificates are dated back five minutes, at most a tenth of their life, for clocks that are behind.
 */
export async function takeStep(
  step: Exclude<RotationStep["action"], "rest">,
  set: CertificateSet | undefined,
  nowMs: number,
  settings: RotationSettings,
): Promise<CertificateSet> {
  if (step === "begin" || set === undefined) {
    const authority = await newAuthority(nowMs, settings);
    return { authority, server: await newServer(authority, nowMs, settings), previous: [] };
  }
  switch (step) {
    case "stage":
      return { ...set, next: await newAuthority(nowMs, settings), stagedAtMs: nowMs };
    case "promote": {
      const { next, stagedAtMs: _, ...rest } = set;
      if (next === undefined) return set;
      const server = await newServer(next, nowMs, settings);
      const previous = [...stillValid(set.previous, nowMs), set.authority.certificate];
      return { ...rest, authority: next, server, previous };
    }
    case "renew":
      return { ...set, server: await newServer(set.authority, nowMs, settings) };
    case "prune":
      return { ...set, previous: stillValid(set.previous, nowMs) };
  }
}

async function newAuthority(nowMs: number, settings: RotationSettings): Promise<KeyPair> {
  // Each authority has a name of its own: verifiers look issuers up by name.
  return await issueAuthority(
    `carrel-webhook-ca ${randomBytes(8).toString("hex")}`,
    life(nowMs, settings.authorityLifeMs),
  );
}

async function newServer(authority: KeyPair, nowMs: number, settings: RotationSettings): Promise<KeyPair> {
  const { fromMs, untilMs } = life(nowMs, settings.serverLifeMs);
  const signer = readCertificate(authority.certificate);
  return await issueServerCertificate(authority, settings.names, {
    fromMs: Math.max(fromMs, signer?.fromMs ?? fromMs),
    untilMs: Math.min(untilMs, signer?.untilMs ?? untilMs),
  });
}

function life(nowMs: number, lifeMs: number): Validity {
  return { fromMs: nowMs - Math.min(BACKDATED_MS, lifeMs / 10), untilMs: nowMs + lifeMs };
}

function stillValid(authorities: readonly string[], nowMs: number): readonly string[] {
  return authorities.filter((pem) => (readCertificate(pem)?.untilMs ?? 0) > nowMs);
}
