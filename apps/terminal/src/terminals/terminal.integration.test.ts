import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { eventually } from "@carrel/testkit";
import { WebSocket, WebSocketServer } from "ws";
import { loadNativePty } from "../shell/native-pty.ts";
import { Terminal } from "./terminal.ts";
import { Viewer } from "./viewer.ts";

test("a viewer that shows nothing is cut so that the others can go on, but not when it is alone", async (t) => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  let now = 0;
  const ended = Promise.withResolvers<void>();
  const terminal = new Terminal({
    id: "1",
    pty: loadNativePty(),
    command: { file: "/bin/sh", args: ["-c", "yes"], cwd: "/", env: { PATH: "/usr/bin:/bin" } },
    size: { cols: 80, rows: 24 },
    scrollbackBytes: 1024,
    now: () => now,
    onExit: ended.resolve,
  });
  t.after(async () => {
    terminal.end();
    await ended.promise;
    for (const socket of server.clients) socket.terminate();
    server.close();
  });

  const slow = await view(server, terminal, now);
  // Held back: it was sent as much as it may have without saying that it showed any.
  await eventually(async () => {
    const before = slow.received();
    await setTimeout(100);
    assert.ok(before > 0 && slow.received() === before, `${before} bytes`);
  });
  now = 11_000;
  terminal.cutStalled();
  assert.equal(terminal.viewers, 1);

  const quick = await view(server, terminal, now);
  terminal.cutStalled();
  assert.equal(terminal.viewers, 1);
  const [code] = (await once(slow.client, "close")) as [number];
  assert.equal(code, 1013);
  const before = quick.received();
  await eventually(() => assert.ok(quick.received() > before, "output goes on"));
});

async function view(server: WebSocketServer, terminal: Terminal, now: number) {
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, "connection");
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  let bytes = 0;
  client.on("message", (data: Buffer) => (bytes += data.byteLength));
  const [socket] = (await accepted) as [WebSocket];
  terminal.attach(new Viewer(socket, now), { cols: 80, rows: 24 });
  return { client, received: () => bytes };
}
