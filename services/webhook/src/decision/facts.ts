import type { PolicyProfileSpec } from "@carrel/api";

/** What is known of the workspace that a namespace belongs to. */
export type WorkspaceFact =
  /** The namespace has no workspace that exists and owns it. */
  | { readonly state: "unknown" }
  | {
      /** `ended` from the moment that its end was asked for. */
      readonly state: "active" | "ended";
      readonly name: string;
      readonly profileName: string;
      /** What may be deployed; absent when there is no PolicyProfile of that name. */
      readonly profile?: PolicyProfileSpec;
    };

/** What a decision needs to know besides the request. */
export interface Facts {
  readonly workspace: WorkspaceFact;
}
