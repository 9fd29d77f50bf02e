import { type Counter, type Histogram, type Meter, metrics, type ObservableGauge } from "@opentelemetry/api";

/** One row of the catalogue. */
interface MetricDefinition {
  readonly name: string;
  readonly instrument: "counter" | "histogram" | "gauge";
  readonly labels: readonly string[];
  readonly description: string;
}

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 120];

/**
 * Every metric of the proxy. Labels are closed lists; no session, user or host is ever one. Counters get the suffix
 * `_total` from the exporter.
 */
export const PROXY_METRICS = {
  requests: {
    name: "carrel_proxy_requests",
    instrument: "counter",
    labels: ["kind", "class", "reason"],
    description: "Answered requests and handshakes; reason is `forwarded` or why the proxy answered itself.",
  },
  firstByte: {
    name: "carrel_proxy_first_byte_seconds",
    instrument: "histogram",
    labels: [],
    description: "From dialling a pod to the head of its answer.",
  },
  authentications: {
    name: "carrel_proxy_authentications",
    instrument: "counter",
    labels: ["result"],
    description: "Credentials looked at: bearer, subprotocol, cookie, exchange, or the reason of the refusal.",
  },
  cuts: {
    name: "carrel_proxy_cuts",
    instrument: "counter",
    labels: ["cause"],
    description: "Streams that were cut because their right had gone.",
  },
  closes: {
    name: "carrel_proxy_websocket_closes",
    instrument: "counter",
    labels: ["code", "by"],
    description: "Ended WebSockets; code is the one that the proxy sent, or `none`.",
  },
  bytes: {
    name: "carrel_proxy_websocket_bytes",
    instrument: "counter",
    labels: ["direction"],
    description: "Bytes through WebSockets, counted when they end.",
  },
  readThroughs: {
    name: "carrel_proxy_read_throughs",
    instrument: "counter",
    labels: ["result"],
    description: "Look-ups at the API server for sessions that the watch had not brought yet.",
  },
  drain: {
    name: "carrel_proxy_drain_seconds",
    instrument: "histogram",
    labels: [],
    description: "Time that it took to stop in good order.",
  },
  streams: {
    name: "carrel_proxy_streams",
    instrument: "gauge",
    labels: ["kind"],
    description: "Open requests, event streams and WebSockets.",
  },
  held: {
    name: "carrel_proxy_held_requests",
    instrument: "gauge",
    labels: [],
    description: "Requests that wait for a session that is starting.",
  },
  pods: {
    name: "carrel_proxy_connected_pods",
    instrument: "gauge",
    labels: [],
    description: "Pods with a pool of connections.",
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

type Instruments = {
  readonly [Key in keyof typeof PROXY_METRICS]: (typeof PROXY_METRICS)[Key]["instrument"] extends "counter"
    ? Counter
    : (typeof PROXY_METRICS)[Key]["instrument"] extends "histogram"
      ? Histogram
      : ObservableGauge;
};
export type ProxyMetrics = Instruments;

/** Makes all instruments of the catalogue. */
export function createProxyMetrics(meter: Meter = metrics.getMeter("@carrel/proxy")): ProxyMetrics {
  const made = Object.entries(PROXY_METRICS).map(([key, { name, instrument, description }]) => {
    if (instrument === "counter") return [key, meter.createCounter(name, { description })];
    if (instrument === "gauge") return [key, meter.createObservableGauge(name, { description })];
    const advice = { explicitBucketBoundaries: SECONDS_BUCKETS };
    return [key, meter.createHistogram(name, { description, unit: "s", advice })];
  });
  return Object.fromEntries(made) as Instruments;
}
