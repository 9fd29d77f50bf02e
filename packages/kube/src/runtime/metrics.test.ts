import assert from "node:assert/strict";
import { test } from "node:test";
import { createRuntimeMetrics, RUNTIME_METRICS } from "./metrics.ts";

test("names are unique and as Prometheus wants them: own prefix, unit at the end, no suffix that the exporter adds", () => {
  const rows = Object.values(RUNTIME_METRICS);
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
  for (const { name, instrument } of rows) {
    assert.match(name, /^carrel_[a-z_]+[a-z]$/);
    assert.doesNotMatch(name, /_total$/);
    if (instrument === "histogram") assert.match(name, /_seconds$/);
  }
});

test("every row of the catalogue becomes an instrument", () => {
  assert.deepEqual(Object.keys(createRuntimeMetrics()), Object.keys(RUNTIME_METRICS));
});
