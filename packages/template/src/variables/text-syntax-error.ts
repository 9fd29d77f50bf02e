/** A `$(` that no value can be found for, by its form or its arguments. Never leaves the package. */
export class TextSyntaxError extends Error {
  override readonly name = "TextSyntaxError";
}
