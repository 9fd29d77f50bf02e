import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";

/** How tokens are signed. The algorithm belongs to the key; a token's header never chooses it (RFC 8725 §3.1). */
export const SIGNING_ALGORITHMS = ["EdDSA", "ES256"] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** A public key as published (RFC 7517). */
export interface PublicKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly use: "sig";
  readonly kty: "OKP" | "EC";
  readonly crv: "Ed25519" | "P-256";
  readonly x: string;
  /** Only of EC keys. */
  readonly y?: string;
}

/** A private key: {@link PublicKey} with `d`. Lives in the Secret `carrel-signing-keys` and in the issuer's memory. */
export interface SigningKey extends PublicKey {
  readonly d: string;
}

/** A JWK Set document. */
export interface Jwks {
  readonly keys: readonly PublicKey[];
}

/** Makes a fresh signing key; its `kid` is the RFC 7638 thumbprint, so two keys never share one. */
export async function generateSigningKey(alg: SigningAlgorithm = "EdDSA"): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, {
    extractable: true,
    ...(alg === "EdDSA" ? { crv: "Ed25519" } : {}),
  });
  const { kty, crv, x, y, d } = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint({ kty, crv, x, y } as Parameters<typeof calculateJwkThumbprint>[0]);
  return { kid, alg, use: "sig", kty, crv, x, ...(y === undefined ? {} : { y }), d } as SigningKey;
}

/** The public half of one key. */
export function publicKeyOf({ kid, alg, use, kty, crv, x, y }: PublicKey): PublicKey {
  return { kid, alg, use, kty, crv, x, ...(y === undefined ? {} : { y }) };
}

/** The document to publish for these keys. */
export function publicJwks(keys: readonly PublicKey[]): Jwks {
  return { keys: keys.map(publicKeyOf) };
}
