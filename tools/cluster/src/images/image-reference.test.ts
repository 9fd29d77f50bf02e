import assert from "node:assert/strict";
import { test } from "node:test";
import { fullImageReference } from "./image-reference.ts";

test("short image names get the host, path and tag that containerd gives them", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const cases = {
    nats: "docker.io/library/nats:latest",
    "nats:2": "docker.io/library/nats:2",
    "nats-io/nats:2": "docker.io/nats-io/nats:2",
    "carrel.dev/pause:abc": "carrel.dev/pause:abc",
    "localhost/x": "localhost/x:latest",
    "localhost:5000/x": "localhost:5000/x:latest",
    [`carrel.dev/x@${digest}`]: `carrel.dev/x@${digest}`,
  };
  for (const [short, full] of Object.entries(cases)) assert.equal(fullImageReference(short), full);
});
