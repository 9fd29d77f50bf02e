/** A file that is made from code, checked in, and compared in CI. */
export interface GeneratedFile {
  /** Path from the repository's root. */
  readonly path: string;
  readonly content: string;
}
