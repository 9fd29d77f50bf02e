/**
 * Sent with every response.
 *
 * Inline styles are allowed because xterm.js writes its theme and cell sizes into `style` elements; scripts come from
 * this origin only. There is no `frame-ancestors`: who may frame a workspace is for Carrel's proxy to say.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};
