import { readdirSync } from "node:fs";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Meter } from "@opentelemetry/api";

/**
 * Registers what any Node.js process can say of itself, under the names that Prometheus dashboards expect: memory, CPU,
 * file descriptors, start time, and how late the event loop is. Returns what stops the measuring.
 */
export function observeProcess(meter: Meter): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();

  gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
  gauge("nodejs_heap_used_bytes", "Used heap of V8.", () => process.memoryUsage().heapUsed);
  gauge(
    "process_start_time_seconds",
    "Start of the process, seconds since the Unix epoch.",
    () => performance.timeOrigin / 1000,
  );
  gauge("process_open_fds", "Open file descriptors.", openFiles);
  gauge("nodejs_eventloop_lag_p99_seconds", "99th percentile of the event loop's lag since the last scrape.", () => {
    const seconds = delay.percentile(99) / 1e9;
    delay.reset();
    return seconds;
  });
  meter
    .createObservableCounter("process_cpu_seconds_total", { description: "CPU time, user and system." })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe((user + system) / 1e6);
    });
  return () => void delay.disable();

  function gauge(name: string, description: string, read: () => number | undefined): void {
    meter.createObservableGauge(name, { description }).addCallback((result) => {
      const value = read();
      if (value !== undefined) result.observe(value);
    });
  }
}

function openFiles(): number | undefined {
  try {
    // One of them is the listing itself.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined;
  }
}
