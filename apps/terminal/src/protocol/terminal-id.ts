/** The terminal that the page opens first. */
export const DEFAULT_TERMINAL_ID = "1";

/** True for a name that a terminal may have: 1 to 32 lower-case letters, digits and hyphens. */
export function isTerminalId(text: string): boolean {
  return /^[a-z0-9-]{1,32}$/.test(text);
}
