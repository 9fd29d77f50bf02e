/** Hop-by-hop headers (RFC 9110 §7.6.1 and the ones that RFC 2616 named): for one connection, never passed on. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** True for a hop-by-hop header; `name` in lower case. */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name);
}

/**
 * True for names that only the proxy may set towards a pod: who the user is and where the request came from. CGI-like
 * servers read `X_Carrel_User` and `X.Carrel.User` as the same name (CVE-2025-64484), so the aliases count as well.
 */
export function isReserved(name: string): boolean {
  const first = name.charCodeAt(0);
  if (first !== 0x78 /* x */ && first !== 0x66 /* f */) return false;
  const plain = name.replace(/[_.]/g, "-");
  return (
    plain === "forwarded" ||
    plain === "x-real-ip" ||
    plain.startsWith("x-forwarded-") ||
    plain === "x-forwarded" ||
    plain.startsWith("x-carrel-")
  );
}
