import type { Counter, Histogram, Meter, ObservableGauge, UpDownCounter } from "@opentelemetry/api";
import { metrics } from "@opentelemetry/api";

/** Upper bounds in seconds: a review takes some 0.1 ms; the API server waits for 5 s. */
const SECONDS_BUCKETS = [0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Every metric of the webhook. Labels are bounded: classes of reviews, rules and codes, never names of objects. */
export interface WebhookMetrics {
  /** Reviews by `class` and `outcome`: allowed, denied, patched, or the code of a failure. */
  readonly reviews: Counter;
  /** Refusals by `rule`. */
  readonly refusals: Counter;
  /** Time from a request's headers to its answer, by `class`. */
  readonly duration: Histogram;
  /** Reviews under way, by `class`. */
  readonly inFlight: UpDownCounter;
  /** Seconds until the served certificate expires. */
  readonly certificateExpiry: ObservableGauge;
}

/** Makes the instruments. */
export function createWebhookMetrics(meter: Meter = metrics.getMeter("carrel-webhook")): WebhookMetrics {
  return {
    reviews: meter.createCounter("carrel_admission_reviews", {
      description: "Admission reviews by class and outcome.",
    }),
    refusals: meter.createCounter("carrel_admission_refusals", { description: "Refusals by rule." }),
    duration: meter.createHistogram("carrel_admission_review_duration_seconds", {
      description: "Time from a review's headers to its answer.",
      advice: { explicitBucketBoundaries: SECONDS_BUCKETS },
    }),
    inFlight: meter.createUpDownCounter("carrel_admission_reviews_in_flight", { description: "Reviews under way." }),
    certificateExpiry: meter.createObservableGauge("carrel_webhook_certificate_expiry_seconds", {
      description: "Time until the served certificate expires.",
    }),
  };
}
