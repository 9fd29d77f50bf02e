import { readFileSync } from "node:fs";
import { type Authenticator, credsAuthenticator, nkeyAuthenticator } from "@nats-io/transport-node";

/**
 * Who connects. Files are read at every connect, so that rotated credentials are taken up by the next reconnect.
 * `password` is for programs whose secrets do not come from files.
 */
export type MessagingCredentials =
  | { readonly user: string; readonly passwordFile: string }
  | { readonly user: string; readonly password: string }
  /** File with the seed of an NKey (`SU…`). */
  | { readonly nkeyFile: string }
  /** File with a user JWT and its seed, as `nsc` writes it. */
  | { readonly credsFile: string };

/** The authenticator for nats.js; reads no file before the first connect. */
export function authenticatorOf(credentials: MessagingCredentials): Authenticator {
  if ("nkeyFile" in credentials) return nkeyAuthenticator(() => Buffer.from(readSecret(credentials.nkeyFile)));
  if ("credsFile" in credentials) return credsAuthenticator(() => readFileSync(credentials.credsFile));
  const { user } = credentials;
  if ("password" in credentials) return () => ({ user, pass: credentials.password });
  return () => ({ user, pass: readSecret(credentials.passwordFile) });
}

/** Editors and `kubectl create secret --from-file` leave a newline at the end. */
function readSecret(path: string): string {
  return readFileSync(path, "utf8").trim();
}
