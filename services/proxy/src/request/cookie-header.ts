/** Our cookie: `__Host-` makes browsers insist on Secure, Path=/ and no Domain, so no sibling host can set it. */
export const COOKIE_NAME = "__Host-carrel";

/** How many cookies of our name are tried: a client may hold several, the first valid one counts. */
const MAX_OWN_COOKIES = 4;

/** A Cookie header taken apart. */
export interface SplitCookies {
  /** Values of our cookie, in order, at most {@link MAX_OWN_COOKIES}. */
  readonly own: readonly string[];
  /** All other cookies, byte for byte and in order; empty when there are none. */
  readonly others: string;
}

/** Takes our cookies out of a Cookie header. */
export function splitCookies(header: string): SplitCookies {
  if (!header.includes(COOKIE_NAME)) return { own: [], others: header };
  const own: string[] = [];
  const others = header
    .split(";")
    .filter((pair) => {
      const equals = pair.indexOf("=");
      if ((equals < 0 ? pair : pair.slice(0, equals)).trim() !== COOKIE_NAME) return true;
      if (own.length < MAX_OWN_COOKIES) own.push(pair.slice(equals + 1).trim());
      return false;
    })
    .join(";")
    .trim();
  return { own, others };
}

/** Attributes of our cookie. */
export interface CookieAttributes {
  /** Seconds to live; 0 deletes it. */
  readonly maxAgeSeconds: number;
  /** Whether pages of other sites may show sessions in a frame. */
  readonly framed: boolean;
}

/**
 * The value of the Set-Cookie header for our cookie. `SameSite=Lax`: with Strict it would not be sent after the
 * redirect that follows a link from the SaaS, and the sign-in would loop.
 *
 * In a frame of another site Lax is not sent at all. `Partitioned` is, and only below the site that the frame stood in
 * when the session was signed in: what other sites embed or send is as much a stranger's as with Lax.
 */
export function setCookie(value: string, { maxAgeSeconds, framed }: CookieAttributes): string {
  const sites = framed ? "SameSite=None; Partitioned" : "SameSite=Lax";
  return `${COOKIE_NAME}=${value}; Max-Age=${maxAgeSeconds}; Path=/; Secure; HttpOnly; ${sites}`;
}
