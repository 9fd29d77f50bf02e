import { COOKIE_NAME } from "../request/cookie-header.ts";
import { isHopByHop } from "./header-names.ts";

/**
 * The headers of a pod's answer that a client gets, names and values in turn. Dropped: hop-by-hop headers and what
 * Connection names, Alt-Svc (it would lead around the proxy), cookies with our name, and Clear-Site-Data for cookies
 * (it clears those of sibling sessions). Cookies keep a Domain only if it is the host itself: sessions are siblings, and
 * one must not set a cookie for another.
 *
 * @param host the Host of the request, without port, in lower case
 */
export function clientHeaders(rawHeaders: readonly string[], host: string): string[] {
  const nominated = nominatedBy(rawHeaders);
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    let value = rawHeaders[index + 1] ?? "";
    const lower = name.toLowerCase();
    if (isHopByHop(lower) || nominated?.includes(lower) === true || lower === "alt-svc") continue;
    if (lower === "clear-site-data" && /cookies|\*/i.test(value)) continue;
    if (lower === "set-cookie") {
      const cookie = ownHostCookie(value, host);
      if (cookie === undefined) continue;
      value = cookie;
    }
    headers.push(name, value);
  }
  return headers;
}

function nominatedBy(rawHeaders: readonly string[]): readonly string[] | undefined {
  let nominated: string[] | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== "connection") continue;
    const names = (rawHeaders[index + 1] ?? "").split(",").map((name) => name.trim().toLowerCase());
    // Framing and our own decisions do not depend on what a pod nominates.
    nominated = [...(nominated ?? []), ...names.filter((name) => name !== "content-length" && name !== "set-cookie")];
  }
  return nominated;
}

function ownHostCookie(value: string, host: string): string | undefined {
  const parts = value.split(";");
  const name = (parts[0] ?? "").split("=", 1)[0]?.trim().toLowerCase() ?? "";
  if (name === COOKIE_NAME.toLowerCase()) return undefined;
  if (!/domain/i.test(value)) return value;
  return parts.filter((part, index) => index === 0 || !isForeignDomain(part, host)).join(";");
}

function isForeignDomain(attribute: string, host: string): boolean {
  const [name = "", domain = ""] = attribute.split("=", 2);
  if (name.trim().toLowerCase() !== "domain") return false;
  return domain.trim().toLowerCase().replace(/^\./, "") !== host;
}

/** True for an event stream: no limit on silence, no buffering. */
export function isEventStream(rawHeaders: readonly string[]): boolean {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== "content-type") continue;
    return (rawHeaders[index + 1] ?? "").trimStart().toLowerCase().startsWith("text/event-stream");
  }
  return false;
}
