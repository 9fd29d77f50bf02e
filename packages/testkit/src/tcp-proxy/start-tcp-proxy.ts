import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { randomPort } from "../process/random-port.ts";

/** A TCP proxy on 127.0.0.1 that can part the two sides. Dispose it to end it. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** A partition: connections stay, new ones too, and nothing passes in either direction until {@link thaw}. */
  freeze(): void;
  /** Passes on what was held back. */
  thaw(): void;
  /** Resets every connection and refuses new ones until {@link listen}. */
  refuse(): Promise<void>;
  /** Accepts connections again, on the same port. */
  listen(): Promise<void>;
}

/** Starts a proxy before whatever listens on that port of 127.0.0.1, now or later. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port: targetPort });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk: Buffer) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on("drain", () => {
        if (!frozen) from.resume();
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      if (frozen) from.pause();
    }
  });
  const listenOn = async (port: number): Promise<number> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const refuse = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  const port = await listenOn(randomPort());
  return {
    port,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    refuse,
    listen: async () => {
      if (!server.listening) await listenOn(port);
    },
    [Symbol.asyncDispose]: refuse,
  };
}
