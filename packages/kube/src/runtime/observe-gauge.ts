import type { Attributes, ObservableGauge } from "@opentelemetry/api";

/**
 * Reports `read()` whenever the gauge is collected, until disposed. What is not disposed is held by the meter for ever.
 */
export function observeGauge(gauge: ObservableGauge, attributes: Attributes, read: () => number): Disposable {
  const callback: Parameters<ObservableGauge["addCallback"]>[0] = (result) => result.observe(read(), attributes);
  gauge.addCallback(callback);
  return { [Symbol.dispose]: () => gauge.removeCallback(callback) };
}
