import { metrics } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { observeProcess } from "./process-metrics.ts";

/** Who reports. */
export interface TelemetryOptions {
  readonly service: string;
  readonly version: string;
}

/** The metrics of a process. */
export interface Telemetry extends AsyncDisposable {
  /** Everything that was measured, in the Prometheus text format. */
  readonly render: () => Promise<string>;
  readonly shutdown: () => Promise<void>;
}

/**
 * Makes the OpenTelemetry metrics API (`metrics.getMeter`) record, readable as Prometheus text, with the process's own
 * metrics. Instruments made before this call record nothing: make them in `main` or later, never at module level.
 */
export function setupTelemetry({ service, version }: TelemetryOptions): Telemetry {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ "service.name": service, "service.version": version }),
    readers: [reader],
  });
  metrics.setGlobalMeterProvider(provider);
  const stopObserving = observeProcess(provider.getMeter("@carrel/service"));

  const shutdown = async (): Promise<void> => {
    stopObserving();
    metrics.disable();
    await provider.shutdown();
  };
  return {
    render: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}
