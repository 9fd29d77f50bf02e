import {
  type Counter,
  type Histogram,
  type Meter,
  metrics,
  type ObservableGauge,
  type UpDownCounter,
} from "@opentelemetry/api";

/** One row of the catalogue. */
interface MetricDefinition {
  readonly name: string;
  readonly instrument: "counter" | "upDownCounter" | "histogram" | "gauge";
  readonly labels: readonly string[];
  readonly description: string;
}

/** Upper bounds in seconds: reconciles and queue waits run from a millisecond to minutes. */
const SECONDS_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/**
 * Every metric of the controller runtime. Labels are bounded: kinds, controllers and closed lists, never object names.
 * Counters get the suffix `_total` from the exporter.
 */
export const RUNTIME_METRICS = {
  reflectorLists: {
    name: "carrel_reflector_lists",
    instrument: "counter",
    labels: ["kind", "result"],
    description: "Lists by a reflector; result is success or the reason of the failure.",
  },
  reflectorListDuration: {
    name: "carrel_reflector_list_duration_seconds",
    instrument: "histogram",
    labels: ["kind"],
    description: "Time from the first page of a list to the last.",
  },
  reflectorWatches: {
    name: "carrel_reflector_watches",
    instrument: "counter",
    labels: ["kind"],
    description: "Watches started by a reflector.",
  },
  reflectorWatchEnds: {
    name: "carrel_reflector_watch_ends",
    instrument: "counter",
    labels: ["kind", "reason"],
    description: "Watches ended, by reason.",
  },
  reflectorEvents: {
    name: "carrel_reflector_events",
    instrument: "counter",
    labels: ["kind", "type"],
    description: "Watch events received, bookmarks among them.",
  },
  reflectorStaleness: {
    name: "carrel_reflector_staleness_seconds",
    instrument: "gauge",
    labels: ["kind"],
    description: "Time since the API server last said anything about the kind.",
  },
  storeObjects: {
    name: "carrel_store_objects",
    instrument: "gauge",
    labels: ["kind"],
    description: "Objects in the cache.",
  },
  handlerErrors: {
    name: "carrel_informer_handler_errors",
    instrument: "counter",
    labels: ["kind"],
    description: "Event handlers, index functions and transforms that threw.",
  },
  queueDepth: {
    name: "carrel_workqueue_depth",
    instrument: "gauge",
    labels: ["queue"],
    description: "Keys ready to be processed.",
  },
  queueDelayed: {
    name: "carrel_workqueue_delayed",
    instrument: "gauge",
    labels: ["queue"],
    description: "Keys waiting for their time.",
  },
  queueAdds: {
    name: "carrel_workqueue_adds",
    instrument: "counter",
    labels: ["queue", "priority"],
    description: "Keys that became ready; a key that is ready already does not count again.",
  },
  queueLatency: {
    name: "carrel_workqueue_queue_duration_seconds",
    instrument: "histogram",
    labels: ["queue", "priority"],
    description: "Time that a key was ready before a worker took it.",
  },
  queueWork: {
    name: "carrel_workqueue_work_duration_seconds",
    instrument: "histogram",
    labels: ["queue"],
    description: "Time that a worker held a key.",
  },
  queueRetries: {
    name: "carrel_workqueue_retries",
    instrument: "counter",
    labels: ["queue"],
    description: "Keys added again after a failure.",
  },
  queueDropped: {
    name: "carrel_workqueue_dropped",
    instrument: "counter",
    labels: ["queue"],
    description: "Keys refused because the queue was at its limit; the controller adds all keys again afterwards.",
  },
  reconciles: {
    name: "carrel_controller_reconciles",
    instrument: "counter",
    labels: ["controller", "result"],
    description:
      "Reconciles by result: success, requeue_after, conflict, unreachable, error, terminal, timeout, panic, aborted.",
  },
  reconcileDuration: {
    name: "carrel_controller_reconcile_duration_seconds",
    instrument: "histogram",
    labels: ["controller", "result"],
    description: "Time of one reconcile.",
  },
  reconcilesActive: {
    name: "carrel_controller_active_reconciles",
    instrument: "upDownCounter",
    labels: ["controller"],
    description: "Reconciles under way.",
  },
  reconcilesStuck: {
    name: "carrel_controller_stuck_reconciles",
    instrument: "upDownCounter",
    labels: ["controller"],
    description: "Reconciles that ignore their abort signal after the timeout; their keys stay held.",
  },
  leader: {
    name: "carrel_leader_election_leader",
    instrument: "upDownCounter",
    labels: ["lease"],
    description: "1 while this process holds the lease.",
  },
  leaderRenewals: {
    name: "carrel_leader_election_renewals",
    instrument: "counter",
    labels: ["lease", "result"],
    description: "Attempts to acquire or renew: held, acquired, renewed, conflict, error.",
  },
  eventLoopDelay: {
    name: "carrel_event_loop_delay_seconds",
    instrument: "gauge",
    labels: [],
    description: "Longest delay of the event loop in the last ten seconds.",
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

interface InstrumentTypes {
  readonly counter: Counter;
  readonly upDownCounter: UpDownCounter;
  readonly histogram: Histogram;
  readonly gauge: ObservableGauge;
}

/** The instruments of {@link RUNTIME_METRICS}, by the same names. */
export type RuntimeMetrics = {
  readonly [Name in keyof typeof RUNTIME_METRICS]: InstrumentTypes[(typeof RUNTIME_METRICS)[Name]["instrument"]];
};

/**
 * Makes the instruments. Call it after the process has registered its meter provider: the OpenTelemetry API has no
 * proxy for metrics, an instrument made before that measures nothing for ever.
 */
export function createRuntimeMetrics(meter: Meter = metrics.getMeter("@carrel/kube")): RuntimeMetrics {
  const make = ({ name, instrument, description }: MetricDefinition): InstrumentTypes[keyof InstrumentTypes] => {
    switch (instrument) {
      case "counter":
        return meter.createCounter(name, { description });
      case "upDownCounter":
        return meter.createUpDownCounter(name, { description });
      case "histogram":
        return meter.createHistogram(name, {
          description,
          unit: "s",
          advice: { explicitBucketBoundaries: SECONDS_BUCKETS },
        });
      case "gauge":
        return meter.createObservableGauge(name, { description });
    }
  };
  const instruments = Object.entries(RUNTIME_METRICS).map(([key, row]) => [key, make(row)] as const);
  return Object.fromEntries(instruments) as RuntimeMetrics;
}
