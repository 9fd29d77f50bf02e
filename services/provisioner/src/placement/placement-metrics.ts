import { metrics, type Counter, type Meter, type ObservableGauge } from "@opentelemetry/api";

/** Metrics of who gets a place; `result` and `state` are closed lists. */
export interface PlacementMetrics {
  /** Sessions about which was decided; result: claim, cold, CapExceeded, QueueFull. */
  readonly decisions: Counter;
  /** Promised spares that were gone or taken when they were to be claimed. */
  readonly lostSpares: Counter;
  /** State: waiting, places, starting, stuck, spares. */
  readonly seats: ObservableGauge;
}

export function createPlacementMetrics(meter: Meter = metrics.getMeter("@carrel/provisioner")): PlacementMetrics {
  return {
    decisions: meter.createCounter("carrel_placement_decisions", {
      description: "Sessions that were given a place or refused one, by result.",
    }),
    lostSpares: meter.createCounter("carrel_placement_lost_spares", {
      description: "Spares that were gone or taken when their session came to claim them.",
    }),
    seats: meter.createObservableGauge("carrel_placement_seats", {
      description: "What the leader counts: sessions that wait, places taken, desks starting or stuck, spares ready.",
    }),
  };
}
