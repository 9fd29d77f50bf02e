/** An `add` of RFC 6902. Defaults only ever add. */
export interface AddOperation {
  readonly op: "add";
  /** JSON pointer. */
  readonly path: string;
  readonly value: unknown;
}

/** The JSON pointer of keys and indexes (RFC 6901). */
export function pointer(...steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
