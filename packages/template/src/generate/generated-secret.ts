/** Name of the Secret in the primary namespace that keeps what `spec.generate` made. */
export const GENERATED_SECRET = "generated";
