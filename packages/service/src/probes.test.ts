import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { metrics } from "@opentelemetry/api";
import { startProbes } from "./probes.ts";
import { createReadiness } from "./readiness.ts";
import { setupTelemetry } from "./telemetry.ts";

const host = "127.0.0.1";

test("readiness: starting, then what the checks say, then stopping for good", async () => {
  const readiness = createReadiness();
  await using probes = await startProbes({ port: 0, host, ready: readiness.check });
  const readyz = async (): Promise<unknown> => {
    const response = await fetch(`http://${host}:${probes.port}/readyz`);
    return [response.status, await response.json()];
  };
  let connected = false;
  readiness.add("nats", () => connected);
  readiness.add("broken", () => (connected ? true : Promise.reject(new Error("no"))));
  assert.deepEqual(await readyz(), [503, { status: "failed", reasons: ["starting", "nats", "broken"] }]);
  readiness.started();
  assert.deepEqual(await readyz(), [503, { status: "failed", reasons: ["nats", "broken"] }]);
  connected = true;
  assert.deepEqual(await readyz(), [200, { status: "ok" }]);
  readiness.stopping();
  readiness.started();
  assert.deepEqual(await readyz(), [503, { status: "failed", reasons: ["stopping"] }]);
});

test("what a check knows of its problems stands in the answer", async () => {
  const readiness = createReadiness();
  readiness.started();
  await using probes = await startProbes({ port: 0, host, ready: readiness.check });
  let problems = ["sessions are not listed yet", "pods are not listed yet"];
  readiness.add("caches", () => problems);
  readiness.add("nats", () => false);
  const url = `http://${host}:${probes.port}/readyz`;
  const failed = await fetch(url);
  assert.equal(failed.status, 503);
  assert.deepEqual(await failed.json(), {
    status: "failed",
    reasons: ["caches: sessions are not listed yet", "caches: pods are not listed yet", "nats"],
  });
  problems = [];
  readiness.add("nats", () => true);
  assert.equal((await fetch(url)).status, 200);
});

test("what the process can do without is told and does not make it unready", async () => {
  const readiness = createReadiness();
  const { check: ready, degraded } = readiness;
  await using probes = await startProbes({ port: 0, host, ready, degraded });
  readiness.started();
  let problem: string | undefined = "no streams";
  readiness.addDegraded("queue", () => problem);
  const readyz = async (): Promise<unknown> => {
    const response = await fetch(`http://${host}:${probes.port}/readyz`);
    return [response.status, await response.json()];
  };
  assert.deepEqual(await readyz(), [200, { status: "ok", degraded: { queue: "no streams" } }]);
  problem = undefined;
  assert.deepEqual(await readyz(), [200, { status: "ok" }]);
});

test("a check that hangs is a failed probe, not a hanging one", async () => {
  await using probes = await startProbes({
    port: 0,
    host,
    ready: () => [],
    live: () => new Promise(() => {}),
    checkTimeoutMs: 30,
  });
  const response = await fetch(`http://${host}:${probes.port}/healthz`);
  assert.equal(response.status, 503);
  assert.match(await response.text(), /within 30 ms/);
  assert.equal((await fetch(`http://${host}:${probes.port}/readyz`)).status, 200);
  assert.equal((await fetch(`http://${host}:${probes.port}/metrics`)).status, 404);
});

test("close ends in about a second even if a client holds its connection, and frees the port", async () => {
  const probes = await startProbes({ port: 0, host, ready: () => [] });
  const socket = connect(probes.port, host);
  await once(socket, "connect");
  socket.write("GET /readyz HTTP/1.1\r\n");
  socket.on("error", () => {});
  const start = performance.now();
  await probes.close();
  assert.ok(performance.now() - start < 2000);
  socket.destroy();
  await using again = await startProbes({ port: probes.port, host, ready: () => [] });
  assert.equal(again.port, probes.port);
});

test("a taken port is an error at the start", async () => {
  await using first = await startProbes({ port: 0, host, ready: () => [] });
  await assert.rejects(startProbes({ port: first.port, host, ready: () => [] }), /EADDRINUSE/);
});

test("/metrics has what the OpenTelemetry API measured, and the process itself", async () => {
  await using telemetry = setupTelemetry({ service: "test", version: "1.2.3" });
  await using probes = await startProbes({ port: 0, host, ready: () => [], metrics: telemetry.render });
  const requests = metrics.getMeter("test").createCounter("carrel_requests", { description: "Requests." });
  requests.add(2, { operation: "create" });
  const latency = metrics
    .getMeter("test")
    .createHistogram("carrel_latency_seconds", { advice: { explicitBucketBoundaries: [0.1, 1] } });
  latency.record(0.5);
  const response = await fetch(`http://${host}:${probes.port}/metrics`);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  assert.match(text, /^carrel_requests_total\{operation="create"\} 2$/m);
  assert.match(text, /^carrel_latency_seconds_bucket\{le="0\.1"\} 0$/m);
  assert.match(text, /^carrel_latency_seconds_bucket\{le="1"\} 1$/m);
  assert.match(text, /^target_info\{service_name="test",service_version="1\.2\.3"\} 1$/m);
  for (const name of [
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
    "nodejs_eventloop_lag_p99_seconds",
  ]) {
    const value = Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
    assert.ok(value > 0, `${name} is ${value}`);
  }
});
