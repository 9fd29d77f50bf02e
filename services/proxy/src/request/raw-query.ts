/** Name of the query parameter that carries an exchange token. */
export const TOKEN_PARAMETER = "carrel_token";

/** A request target and what was cut out of it. */
export interface StrippedTarget {
  /** The target without our parameter; every other byte as it came. */
  readonly target: string;
  /** The first value of our parameter. */
  readonly token?: string;
}

/**
 * Cuts our parameter out of a raw request target. The rest is never decoded and encoded again: pods may depend on the
 * exact bytes (a signed query, `+` against `%20`).
 */
export function stripToken(target: string): StrippedTarget {
  const question = target.indexOf("?");
  if (question < 0) return { target };
  // Nearly every request: our name is not in it, in any spelling.
  const query = target.slice(question + 1);
  if (!query.includes(TOKEN_PARAMETER) && !query.includes("%")) return { target };
  let token: string | undefined;
  let cut = false;
  const kept = query.split("&").filter((pair) => {
    const equals = pair.indexOf("=");
    if (decoded(equals < 0 ? pair : pair.slice(0, equals)) !== TOKEN_PARAMETER) return true;
    cut = true;
    token ??= decoded(equals < 0 ? "" : pair.slice(equals + 1));
    return false;
  });
  if (!cut) return { target };
  const path = target.slice(0, question);
  return {
    target: kept.length === 0 ? path : `${path}?${kept.join("&")}`,
    ...(token === undefined ? {} : { token }),
  };
}

function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What browsers drop from a URL before they read it (tabs and line ends), and what no URL may hold. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/g;

/**
 * A target as the value of a Location header of our own host. `//evil.example` and `/\evil.example` are other hosts to
 * a browser, also with a tab or line end between (WHATWG URL, "basic URL parser", step 3): control characters go, and
 * leading slashes and backslashes become one slash.
 */
export function ownLocation(target: string): string {
  return `/${target.replace(CONTROL_CHARACTERS, "").replace(/^[/\\ ]+/, "")}`;
}

/** A target that came as text, e.g. in a form, as it stands in a header: what is not ASCII is percent-encoded UTF-8. */
export function targetOfText(text: string): string {
  return text.toWellFormed().replace(/[\u0080-\u{10ffff}]+/gu, encodeURIComponent);
}

/** The same for a raw target, which has a character for each byte: the bytes stay what they are. */
export function targetOfBytes(target: string): string {
  return target.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
