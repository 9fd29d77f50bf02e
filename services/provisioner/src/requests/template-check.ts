import { ApiError, type PolicyProfile, type SessionTemplate } from "@carrel/api";
import { templateRefusal } from "../resources/template-refusal.ts";

/**
 * Refuses a template that cannot work. The webhook has said so at apply time already; nothing here relies on that.
 * What was found about a template is kept as long as the cache keeps that very object, and no profile has changed.
 */
export class TemplateCheck {
  readonly #profiles: () => readonly PolicyProfile[];
  readonly #values: readonly string[];
  readonly #found = new WeakMap<SessionTemplate, { readonly profiles: string; readonly refusal: string | undefined }>();

  /** `profiles` reads the cache; `values` are the names of the operator's constants. */
  constructor(profiles: () => readonly PolicyProfile[], values: readonly string[]) {
    this.#profiles = profiles;
    this.#values = values;
  }

  /** @throws ApiError `INVALID` with every problem. */
  assertUsable(template: SessionTemplate): void {
    const profiles = this.#profiles();
    const versions = profiles.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`).join();
    let found = this.#found.get(template);
    if (found?.profiles !== versions) {
      found = { profiles: versions, refusal: templateRefusal(template, profiles, this.#values) };
      this.#found.set(template, found);
    }
    if (found.refusal === undefined) return;
    throw new ApiError("INVALID", `template ${template.metadata.name} cannot be used: ${found.refusal}`);
  }
}
