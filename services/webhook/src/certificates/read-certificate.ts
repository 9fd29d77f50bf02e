import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyPair, Validity } from "./issue-certificate.ts";

/** What a plan needs to know of a certificate. */
export interface CertificateFacts extends Validity {
  readonly isAuthority: boolean;
  /** SHA-256 of the certificate, in hexadecimal. */
  readonly fingerprint: string;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
}

/** Reads the first certificate of a PEM text; undefined when there is none that can be read. */
export function readCertificate(pem: string): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(pem);
    return {
      isAuthority: certificate.ca,
      fingerprint: certificate.fingerprint256,
      fromMs: Date.parse(certificate.validFrom),
      untilMs: Date.parse(certificate.validTo),
      names: (certificate.subjectAltName ?? "").split(", ").map((name) => name.replace(/^(DNS|IP Address):/, "")),
    };
  } catch {
    return undefined;
  }
}

/** True when the key belongs to the certificate. */
export function isPair({ certificate, key }: KeyPair): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** True when the authority's key signed the certificate. */
export function isSignedBy(certificate: string, authority: string): boolean {
  try {
    return new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);
  } catch {
    return false;
  }
}

/** The certificates in a PEM text, one by one, each with a final line break. */
export function splitPem(text: string): readonly string[] {
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => `${one}\n`);
}
