import type { Identity } from "../auth/identity.ts";
import { VIA_NAME, type RequestHead } from "../request/request-head.ts";
import { isHopByHop, isReserved } from "./header-names.ts";

/** What the proxy tells a pod about a request. */
export interface ForwardFacts {
  /** The client and the trusted hops behind it, e.g. `203.0.113.7, 10.0.0.4`. */
  readonly forwardedFor: string;
  readonly scheme: "http" | "https";
  readonly port: number;
  readonly session: string;
  /** Absent for an anonymous visitor of a public endpoint. */
  readonly identity?: Identity;
  /** `owner`, `tenant` or `public`: in which role the user is here. */
  readonly role: string;
  readonly requestId: string;
  /** The Authorization header is the pod's own and goes to it. */
  readonly passAuthorization: boolean;
}

/**
 * The headers that a pod gets, names and values in turn: everything but hop-by-hop headers, what the Connection header
 * names, our credentials, and the names that only we may set; then our own. What a client nominates in Connection is
 * dropped before ours are added, so that it can never delete them (CVE-2024-45410).
 *
 * Connection, Upgrade, Content-Length framing and the like are the sender's business: they are not in the list.
 */
export function podHeaders(head: RequestHead, facts: ForwardFacts): string[] {
  const { rawHeaders, connectionNames } = head;
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const lower = name.toLowerCase();
    if (isHopByHop(lower) || isReserved(lower)) continue;
    if (isHandledApart(lower) || (connectionNames.includes(lower) && !isEndToEnd(lower))) continue;
    if (lower === "authorization" && !facts.passAuthorization) continue;
    headers.push(name, rawHeaders[index + 1] ?? "");
  }
  if (head.otherCookies !== "") headers.push("Cookie", head.otherCookies);
  if (head.otherSubprotocols.length > 0) headers.push("Sec-WebSocket-Protocol", head.otherSubprotocols.join(", "));
  headers.push(
    "Via",
    `1.1 ${VIA_NAME}`,
    "X-Forwarded-For",
    facts.forwardedFor,
    "X-Forwarded-Proto",
    facts.scheme,
    "X-Forwarded-Host",
    head.host,
    "X-Forwarded-Port",
    String(facts.port),
    "X-Carrel-Session",
    facts.session,
    "X-Carrel-Role",
    facts.role,
    "X-Carrel-Request-Id",
    facts.requestId,
  );
  if (facts.identity !== undefined) {
    headers.push("X-Carrel-User", headerText(facts.identity.subject), "X-Carrel-Tenant", facts.identity.tenant);
  }
  return headers;
}

/** Rewritten as one, or made anew by whoever sends the request. */
function isHandledApart(name: string): boolean {
  return name === "cookie" || name === "sec-websocket-protocol" || name === "expect";
}

/** Nominating these would change what the request means: they stay whatever Connection says. */
function isEndToEnd(name: string): boolean {
  return name === "host" || name === "content-length" || name === "content-type";
}

/** A user id as a header value: percent-encoded as soon as one character is not visible ASCII, or is `%` itself. */
export function headerText(text: string): string {
  return /^[\x21-\x24\x26-\x7e]+$/.test(text) ? text : encodeURIComponent(text);
}

/**
 * The X-Forwarded-For value: the client as the outermost trusted hop saw it, and what comes after. Entries from before
 * that were written by the client and mean nothing.
 */
export function forwardedFor(peer: string, header: string | undefined, trustedHops: number): string {
  if (trustedHops === 0 || header === undefined) return peer;
  const chain = [...header.split(",").map((entry) => entry.trim()), peer].filter((entry) => entry !== "");
  return chain.slice(-1 - trustedHops).join(", ");
}
