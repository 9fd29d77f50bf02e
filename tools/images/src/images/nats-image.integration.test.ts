import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { buildImage } from "../build-image.ts";
import { freePort } from "../testing/free-port.ts";
import { runArchive } from "../testing/run-archive.ts";

test("the nats image serves clients, with JetStream where it may write", async (t) => {
  const { archive } = await buildImage("nats", { onProgress: (line) => t.diagnostic(line) });
  const port = await freePort();
  const command = [
    "/nats-server",
    "--addr",
    "127.0.0.1",
    "--port",
    String(port),
    "--jetstream",
    "--store_dir",
    "/data",
  ];
  await using container = await runArchive(archive, { command, writable: ["/data"] });
  const info = await greeting(port, container.output);
  assert.equal(info.version, "2.15.2");
  assert.equal(info.jetstream, true);
  assert.equal(await container.stop("SIGTERM"), 0);
});

/** What a NATS server says first: `INFO {json}`. */
async function greeting(port: number, output: () => string): Promise<{ version?: string; jetstream?: boolean }> {
  for (const end = performance.now() + 10_000; ; await setTimeout(50)) {
    const line = await firstLine(port);
    if (line.startsWith("INFO ")) return JSON.parse(line.slice(5)) as { version?: string; jetstream?: boolean };
    assert.ok(performance.now() < end, `no server; it wrote: ${output()}`);
  }
}

function firstLine(port: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  socket.on("data", (bytes) => {
    resolve(String(bytes).split("\r\n")[0] ?? "");
    socket.destroy();
  });
  socket.on("error", () => resolve(""));
  return promise;
}
