import { type Counter, type Histogram, type Meter, metrics, type UpDownCounter } from "@opentelemetry/api";

/** Every instrument of the client and the event recorder. Labels are bounded: no names, no namespaces. */
export interface ClientMetrics {
  /** HTTP requests. `verb` as in RBAC, `resource` plural.group, `code` HTTP status or a TransportError's code. */
  readonly requests: Counter;
  /** From sending to the end of the answer (of a watch: to its head), in seconds. `verb`, `resource`. */
  readonly requestDuration: Histogram;
  /** Requests sent again. `verb`, `resource`, `reason`: `retry_after` or `new_credentials`. */
  readonly retries: Counter;
  /** Watches under way. `resource`. */
  readonly openWatches: UpDownCounter;
  /** Events written. `operation`: `create` or `series`. */
  readonly eventsWritten: Counter;
  /** Events given up. `reason`: `queue_full`, `refused`, `unreachable`, `stopped`. */
  readonly eventsDropped: Counter;
}

/** Makes the instruments; default on the process's meter provider. Call it once per client. */
export function createClientMetrics(meter: Meter = metrics.getMeter("@carrel/kube/client")): ClientMetrics {
  return {
    requests: meter.createCounter("carrel_kube_requests", {
      description: "Requests to the API server by verb, resource and code.",
    }),
    requestDuration: meter.createHistogram("carrel_kube_request_duration_seconds", {
      description: "Duration of requests to the API server.",
      unit: "s",
      advice: { explicitBucketBoundaries: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15] },
    }),
    retries: meter.createCounter("carrel_kube_retries", {
      description: "Requests sent again, because the API server asked for it or credentials were renewed.",
    }),
    openWatches: meter.createUpDownCounter("carrel_kube_open_watches", { description: "Watches under way." }),
    eventsWritten: meter.createCounter("carrel_kube_events_written", {
      description: "Kubernetes Events created or extended to a series.",
    }),
    eventsDropped: meter.createCounter("carrel_kube_events_dropped", {
      description: "Kubernetes Events given up, by reason.",
    }),
  };
}
