import { SESSION_NAME_PATTERN } from "@carrel/api";

/** What a host names. */
export interface HostTarget {
  /** Name of the Session. */
  readonly session: string;
  /** Name of the endpoint; `main` for the host of the session itself. */
  readonly endpoint: string;
}

/** The endpoint that has the session's own host. */
export const MAIN_ENDPOINT = "main";

const SESSION = new RegExp(SESSION_NAME_PATTERN);
const ENDPOINT = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Reads `<session>.<domain>` or `<endpoint>--<session>.<domain>` from a Host header: case, port and one trailing dot do
 * not matter, the suffix is compared exactly, exactly one label stands in front of it. Undefined for anything else, so
 * that made-up hosts never reach a look-up.
 */
export function parseHost(host: string, domain: string): HostTarget | undefined {
  let name = host.toLowerCase();
  const colon = name.lastIndexOf(":");
  if (colon >= 0) {
    if (!/^[0-9]{1,5}$/.test(name.slice(colon + 1))) return undefined;
    name = name.slice(0, colon);
  }
  if (name.endsWith(".")) name = name.slice(0, -1);
  if (!name.endsWith(`.${domain}`)) return undefined;
  const label = name.slice(0, -domain.length - 1);
  if (label.length > 63) return undefined;
  const split = label.lastIndexOf("--");
  const session = split < 0 ? label : label.slice(split + 2);
  const endpoint = split < 0 ? MAIN_ENDPOINT : label.slice(0, split);
  if (!SESSION.test(session)) return undefined;
  if (split < 0) return { session, endpoint };
  // `main--…` would be a second name for one host. Under three characters `??--` is reserved (RFC 5890 §2.3.1).
  const valid = ENDPOINT.test(endpoint) && endpoint.length >= 3 && endpoint !== MAIN_ENDPOINT;
  return valid ? { session, endpoint } : undefined;
}

/** The host of an endpoint, without port. */
export function hostOf({ session, endpoint }: HostTarget, domain: string): string {
  return endpoint === MAIN_ENDPOINT ? `${session}.${domain}` : `${endpoint}--${session}.${domain}`;
}
