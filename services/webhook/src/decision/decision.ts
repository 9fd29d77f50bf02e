/** One reason to refuse a request. */
export interface Refusal {
  /** Id of the rule, e.g. `pod-security/privileged`. Stable. */
  readonly rule: string;
  /** Field of the object, or of the request, that it is about. */
  readonly path: string;
  /** What was found and what is allowed. */
  readonly message: string;
}

interface Remarks {
  /** For the one who asks; shown by kubectl. */
  readonly warnings: readonly string[];
  /** For the audit log; the API server puts the webhook's name before each key. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** What becomes of a request. */
export type Decision =
  | ({ readonly allowed: true } & Remarks)
  | ({
      readonly allowed: false;
      /** All of them, the first first; never empty. */
      readonly refusals: readonly Refusal[];
    } & Remarks);
