/** Something in a template that its author should change. */
export interface Problem {
  /** Stable id of the check, e.g. `unknown-variable`. */
  readonly rule: string;
  /** Field, e.g. `spec.objects[2].template.metadata.name`. */
  readonly path: string;
  /** What was found and what to do. */
  readonly message: string;
  /** An `error` refuses the template; a `warning` is shown. */
  readonly severity: "error" | "warning";
}
