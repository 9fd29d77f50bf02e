/** The minor release whose Pod Security library Carrel behaves as: what `latest` means. */
export const LIBRARY_MINOR = 34;

/** The newest minor that {@link STANDARDS} has rows for; newer policy versions mean this one. */
export const NEWEST_MINOR = 37;

/**
 * The minor release of a policy version (`latest` or `v1.N`).
 *
 * @returns undefined when the text is neither; the caller then decides what fails closed means.
 */
export function policyMinor(version: string): number | undefined {
  if (version === "latest") return LIBRARY_MINOR;
  const match = /^v1\.(0|[1-9][0-9]{0,3})$/.exec(version);
  return match === null ? undefined : Math.min(Number(match[1]), NEWEST_MINOR);
}
