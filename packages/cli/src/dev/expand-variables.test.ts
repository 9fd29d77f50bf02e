import assert from "node:assert/strict";
import { test } from "node:test";
import { expandVariables } from "./expand-variables.ts";

test("references are to what the kubelet sets and to what was set before", () => {
  const container = [
    { name: "ADDRESS", value: "$(HOST)" },
    { name: "URL", value: "https://$(ADDRESS):$(PORT)/" },
    { name: "EARLY", value: "$(LATE)" },
    { name: "LATE", value: "x" },
    { name: "SECRET", valueFrom: { secretKeyRef: { name: "a", key: "b" } } },
  ];
  assert.deepEqual(expandVariables(container, { HOST: "10.96.0.1", PORT: "443" }), {
    ADDRESS: "10.96.0.1",
    URL: "https://10.96.0.1:443/",
    EARLY: "$(LATE)",
    LATE: "x",
  });
});

test("$$ is a dollar, and a dollar alone stays one", () => {
  assert.deepEqual(expandVariables([{ name: "A", value: "$$(HOST) $HOME $ $(HOST)" }], { HOST: "h" }), {
    A: "$(HOST) $HOME $ h",
  });
});
