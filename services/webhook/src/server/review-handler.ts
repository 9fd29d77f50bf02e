import { hasCode } from "@carrel/std";
import type { Logger } from "@carrel/kube";
import type { DecisionSettings } from "../decision/settings.ts";
import { decide, needsFacts } from "../decision/decide.ts";
import type { Decision } from "../decision/decision.ts";
import type { Facts } from "../decision/facts.ts";
import type { FactSource } from "../facts/fact-source.ts";
import type { WebhookMetrics } from "../metrics.ts";
import { mutate } from "../mutate/mutate.ts";
import type { AdmissionRequest } from "../review/admission-request.ts";
import { readReview } from "../review/read-review.ts";
import { isProfileReview, reviewProfile } from "../templates/review-profile.ts";
import { isTemplateReview, profilesOf, reviewTemplate } from "../templates/review-template.ts";
import type { TemplateFactSource } from "../templates/template-facts.ts";
import { decisionAnswer, failureAnswer, patchAnswer, scanUid } from "./answer.ts";
import type { ReviewClass } from "./review-class.ts";
import { ReviewFailure, type ReviewFailureCode } from "./review-failure.ts";

export interface ReviewHandlerOptions {
  readonly facts: FactSource;
  readonly templateFacts: TemplateFactSource;
  readonly settings: DecisionSettings;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
}

const NO_FACTS: Facts = { workspace: { state: "unknown" } };

/** Turns the bytes of a review into the text of its answer. Never throws: what goes wrong is a refusal with a code. */
export class ReviewHandler {
  readonly #options: ReviewHandlerOptions;

  constructor(options: ReviewHandlerOptions) {
    this.#options = options;
  }

  /**
   * The answer; undefined when the body has not even a uid to answer to.
   *
   * @param deadline makes a signal that aborts when the answer must leave; asked for only when there is a wait.
   */
  async handle(of: ReviewClass, body: Buffer, deadline: () => AbortSignal): Promise<string | undefined> {
    try {
      const request = this.#read(body);
      const ofTemplates = await this.#aboutTemplates(request, deadline);
      if (ofTemplates !== undefined) return this.#decided(of, request, ofTemplates);
      const facts = await this.#factsFor(request, deadline);
      return of.does === "mutate" ? this.#mutate(of, request, facts) : this.#validate(of, request, facts);
    } catch (error) {
      return this.fail(of, body, error);
    }
  }

  /** The answer to a review that could not be decided. The mutating step never refuses: the validating one will. */
  fail(of: ReviewClass, body: Buffer, error: unknown): string | undefined {
    const code: ReviewFailureCode = error instanceof ReviewFailure ? error.code : "ADMISSION_INTERNAL";
    const uid = scanUid(body);
    const { logger, metrics } = this.#options;
    metrics.reviews.add(1, { class: of.name, outcome: code });
    const level = code === "ADMISSION_OVERLOADED" || code === "ADMISSION_TOO_LARGE" ? "warn" : "error";
    logger[level]({ err: error, class: of.name, reason: code, requestId: uid }, "a review was not decided");
    if (uid === undefined) return undefined;
    if (of.does === "mutate") return patchAnswer(uid, []);
    const known = error instanceof ReviewFailure ? error.message : "an unexpected error, see the webhook's logs";
    return failureAnswer(uid, code, `${known}; request ${uid}`);
  }

  #read(body: Buffer): AdmissionRequest {
    try {
      return readReview(JSON.parse(body.toString("utf8")));
    } catch (error) {
      const message = hasCode(error, "REVIEW_UNDECODABLE") ? error.message : "the review is no JSON";
      throw new ReviewFailure("ADMISSION_UNDECODABLE", message, { cause: error });
    }
  }

  async #factsFor(request: AdmissionRequest, deadline: () => AbortSignal): Promise<Facts> {
    if (!needsFacts(request, this.#options.settings)) return NO_FACTS;
    try {
      const facts = this.#options.facts.factsFor(request.namespace);
      return facts instanceof Promise ? await within(facts, deadline()) : facts;
    } catch (error) {
      // No rule about deleting asks for facts, and an API server in trouble must not keep things from going.
      if (request.operation === "DELETE") return NO_FACTS;
      if (error instanceof ReviewFailure) throw error;
      throw new ReviewFailure("ADMISSION_UNAVAILABLE", "the namespace's workspace could not be read", { cause: error });
    }
  }

  /** The decision about a record that operators write; undefined for everything else. */
  async #aboutTemplates(request: AdmissionRequest, deadline: () => AbortSignal): Promise<Decision | undefined> {
    if (isProfileReview(request)) return reviewProfile(request);
    if (!isTemplateReview(request)) return undefined;
    try {
      const signal = deadline();
      const facts = this.#options.templateFacts.factsFor(profilesOf(request), signal);
      return reviewTemplate(request, await within(facts, signal));
    } catch (error) {
      if (error instanceof ReviewFailure) throw error;
      throw new ReviewFailure("ADMISSION_UNAVAILABLE", "the policy profiles could not be read", { cause: error });
    }
  }

  #validate(of: ReviewClass, request: AdmissionRequest, facts: Facts): string {
    return this.#decided(of, request, decide(request, facts, this.#options.settings));
  }

  #decided(of: ReviewClass, request: AdmissionRequest, decision: Decision): string {
    const { metrics, logger } = this.#options;
    metrics.reviews.add(1, { class: of.name, outcome: decision.allowed ? "allowed" : "denied" });
    if (!decision.allowed) {
      for (const { rule } of decision.refusals) metrics.refusals.add(1, { rule });
      const { namespace, name, user, operation, resource } = request;
      const reason = decision.refusals[0]?.rule;
      logger.debug({ namespace, name, resource, operation, user: user.username, reason }, "refused");
    }
    return decisionAnswer(request.uid, decision);
  }

  #mutate(of: ReviewClass, request: AdmissionRequest, facts: Facts): string {
    const patch = mutate(request, facts);
    const outcome = patch.length === 0 ? "allowed" : "patched";
    this.#options.metrics.reviews.add(1, { class: of.name, outcome });
    return patchAnswer(request.uid, patch);
  }
}

async function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  const onAbort = (): void => late.reject(new ReviewFailure("ADMISSION_TIMEOUT", "no decision in time"));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Whichever loses the race is nobody's any more.
    promise.catch(() => undefined);
    late.promise.catch(() => undefined);
  }
}
