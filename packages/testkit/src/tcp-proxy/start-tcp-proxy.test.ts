import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { eventually } from "../eventually.ts";
import { startTcpProxy } from "./start-tcp-proxy.ts";

test("it passes on, holds back while frozen, cuts and refuses, and comes back on its port", async () => {
  const echo = createServer((socket) => socket.on("error", () => undefined).pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  await using proxy = await startTcpProxy((echo.address() as AddressInfo).port);
  const dial = () => {
    const socket = connect({ host: "127.0.0.1", port: proxy.port });
    const heard = { text: "", closed: false, error: "" };
    socket.setEncoding("utf8").on("data", (text: string) => (heard.text += text));
    socket.on("close", () => (heard.closed = true));
    socket.on("error", (error: NodeJS.ErrnoException) => (heard.error = error.code ?? ""));
    return { socket, heard };
  };
  const first = dial();
  first.socket.write("one ");
  await eventually(() => assert.equal(first.heard.text, "one "));

  proxy.freeze();
  first.socket.write("two ");
  const late = dial();
  late.socket.write("late");
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual([first.heard.text, late.heard.text, first.heard.closed], ["one ", "", false]);
  proxy.thaw();
  await eventually(() => assert.deepEqual([first.heard.text, late.heard.text], ["one two ", "late"]));

  await proxy.refuse();
  await eventually(() => assert.deepEqual([first.heard.closed, first.heard.error], [true, "ECONNRESET"]));
  const refused = dial();
  await eventually(() => assert.equal(refused.heard.error, "ECONNREFUSED"));
  await proxy.listen();
  const again = dial();
  again.socket.write("again");
  await eventually(() => assert.equal(again.heard.text, "again"));
  again.socket.destroy();
  echo.close();
});
