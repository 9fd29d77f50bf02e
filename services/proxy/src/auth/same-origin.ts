/** What a browser says about where a request comes from. */
export interface OriginFacts {
  readonly host: string;
  readonly method: string;
  readonly upgrade: boolean;
  readonly origin?: string;
  readonly fetchSite?: string;
}

/**
 * True when a request that a browser authenticated by itself (with our cookie) may act: sessions are siblings of one
 * site, so SameSite does not tell them apart and the page of one must not act in another.
 *
 * A WebSocket needs our own Origin. An unsafe method needs `Sec-Fetch-Site` same-origin or none, and our own Origin, as
 * far as they are there; both are judged (CVE-2026-40864 came from trusting one). Safe methods pass: their answers are
 * protected by the browser.
 */
export function isSameOrigin(facts: OriginFacts, scheme: "http" | "https"): boolean {
  const own = facts.origin === undefined ? undefined : isOwnOrigin(facts.origin, facts.host, scheme);
  if (facts.upgrade) return own === true;
  if (facts.method === "GET" || facts.method === "HEAD" || facts.method === "OPTIONS") return true;
  if (own === false) return false;
  return facts.fetchSite === undefined || facts.fetchSite === "same-origin" || facts.fetchSite === "none";
}

/** True when an Origin is the host that was asked, over the scheme that we are reached by. */
export function isOwnOrigin(origin: string, host: string, scheme: "http" | "https"): boolean {
  return origin.toLowerCase() === `${scheme}://${withoutDefaultPort(host.toLowerCase(), scheme)}`;
}

function withoutDefaultPort(host: string, scheme: "http" | "https"): string {
  const suffix = scheme === "https" ? ":443" : ":80";
  return host.endsWith(suffix) ? host.slice(0, -suffix.length) : host;
}
