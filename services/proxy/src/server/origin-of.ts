import { hostOf } from "../request/host.ts";
import type { PublicAddress } from "./proxy-context.ts";

/** The origin (RFC 6454) that browsers see at an endpoint of a session. */
export function originOf({ scheme, domain, port }: PublicAddress, session: string, endpoint: string): string {
  const suffix = port === (scheme === "https" ? 443 : 80) ? "" : `:${port}`;
  return `${scheme}://${hostOf({ session, endpoint }, domain)}${suffix}`;
}
