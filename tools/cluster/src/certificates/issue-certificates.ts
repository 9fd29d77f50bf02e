import { ensureProgram, type EnsureProgramOptions } from "../programs/ensure-program.ts";
import { runCommand } from "../process/run-command.ts";

/** One X.509 certificate to issue; written as `NAME.crt` and `NAME.key`. */
export interface CertificateSpec {
  readonly name: string;
  /** The name of the authority in the same directory that signs it. */
  readonly ca: string;
  /** Common name: to Kubernetes the user. */
  readonly user: string;
  /** Organizations: to Kubernetes the groups. */
  readonly groups?: readonly string[];
  /** Subject alternative names, for serving certificates. */
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  /** A serving certificate; by default a client certificate. */
  readonly server?: boolean;
}

/** What {@link issueCertificates} writes into one directory. ECDSA P-256, valid for a year. */
export interface CertificateRequest {
  readonly dir: string;
  /** Self-signed authorities, made when `NAME.crt` does not exist yet. */
  readonly cas: readonly string[];
  readonly certs: readonly CertificateSpec[];
  /** Bare key pairs: `NAME.key`, `NAME.pub`. */
  readonly keys?: readonly string[];
}

/** Issues certificates with `carrel-node certs`: Node.js cannot sign X.509. @throws ClusterError `COMMAND_FAILED`. */
export async function issueCertificates(
  request: CertificateRequest,
  options: EnsureProgramOptions = {},
): Promise<void> {
  const program = await ensureProgram("carrel-node", options);
  await runCommand(program, ["certs"], { input: JSON.stringify(request), signal: options.signal });
}
