import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { WebSocket } from "ws";
import { buildImage } from "../build-image.ts";
import { freePort } from "../testing/free-port.ts";
import { runArchive, type RunningContainer } from "../testing/run-archive.ts";

test("the jupyter image runs a cell for a restricted user, without a sign-in of its own", async (t) => {
  const { archive } = await buildImage("jupyter", { onProgress: (line) => t.diagnostic(line) });
  const port = await freePort();
  const command = ["/usr/bin/tini", "--", "jupyter-lab", "--ServerApp.ip=127.0.0.1", `--ServerApp.port=${port}`];
  await using container = await runArchive(archive, { command, writable: ["/home/learner", "/tmp"] });
  const start = performance.now();
  const server = await signIn(port, container);
  t.diagnostic(`answers ${Math.round(performance.now() - start)} ms after its start`);

  const page = await fetch(`${server.url}/lab`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /jupyter-config-data/);

  // Jupyter answers a page of another origin as if there were nothing.
  const foreign = { ...server.headers, origin: "https://evil.example" };
  assert.equal((await fetch(`${server.url}/api/kernels`, { method: "POST", headers: foreign })).status, 404);

  const created = await fetch(`${server.url}/api/kernels`, { method: "POST", headers: server.headers, body: "{}" });
  assert.equal(created.status, 201);
  const { id } = (await created.json()) as { id: string };
  const found = await execute(port, server, id, "import os; print(os.getuid(), 6 * 7, os.access('/opt', os.W_OK))");
  assert.equal(found, "1001 42 False\n");
  // No bytecode is compiled anew at each start: nowhere could it be kept.
  const stale = await execute(
    port,
    server,
    id,
    "import json, struct; print(struct.unpack('<L', open(json.__cached__, 'rb').read(8)[4:])[0])",
  );
  assert.equal(stale, "1\n");
  assert.equal(await container.stop("SIGTERM"), 0);
});

interface JupyterServer {
  readonly url: string;
  /** What a page of the server sends with what changes something. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Waits for the server and gets the token that its pages prove their origin with. */
async function signIn(port: number, container: RunningContainer): Promise<JupyterServer> {
  const url = `http://127.0.0.1:${port}`;
  for (const end = performance.now() + 30_000; ; await setTimeout(100)) {
    const response = await fetch(`${url}/lab`).catch(() => undefined);
    const xsrf = response?.headers.getSetCookie().find((cookie) => cookie.startsWith("_xsrf="));
    if (xsrf !== undefined) {
      const [cookie = ""] = xsrf.split(";");
      return { url, headers: { cookie, "x-xsrftoken": cookie.slice("_xsrf=".length), origin: url } };
    }
    assert.ok(performance.now() < end, `no server; it wrote: ${container.output()}`);
  }
}

/** Runs code in a kernel and gives what it printed (Jupyter messaging protocol 5.3). */
async function execute(port: number, server: JupyterServer, kernel: string, code: string): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/kernels/${kernel}/channels`, { headers: server.headers });
  await once(socket, "open");
  const id = randomUUID();
  const { promise, resolve } = Promise.withResolvers<string>();
  let printed = "";
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as {
      parent_header: { msg_id?: string };
      msg_type: string;
      content: { text?: string; execution_state?: string; traceback?: string[] };
    };
    if (message.parent_header.msg_id !== id) return;
    printed += message.content.text ?? message.content.traceback?.join("\n") ?? "";
    if (message.msg_type === "status" && message.content.execution_state === "idle") resolve(printed);
  });
  const header = { msg_id: id, msg_type: "execute_request", session: randomUUID(), username: "", version: "5.3" };
  const content = { code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false };
  socket.send(JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: "shell" }));
  try {
    return await Promise.race([promise, setTimeout(20_000, "timed out")]);
  } finally {
    socket.terminate();
  }
}
