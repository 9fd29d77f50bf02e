import type { Server } from "node:https";
import type { Socket } from "node:net";

/** One TCP connection of a client. */
export interface Connection {
  /** From 1, in the order of arrival. */
  readonly number: number;
  readonly socket: Socket;
}

/** The TCP connections of a TLS server, below TLS: where they can be reset. */
export class Connections {
  readonly #open = new Map<string, Connection>();
  #total = 0;

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      const key = keyOf(socket);
      const connection = { number: ++this.#total, socket };
      this.#open.set(key, connection);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        if (this.#open.get(key) === connection) this.#open.delete(key);
      });
    });
  }

  /** How many there have been. */
  get total(): number {
    return this.#total;
  }

  /** How many there are. */
  get open(): number {
    return this.#open.size;
  }

  /** The connection that carries a TLS session. */
  of(secure: Socket): Connection | undefined {
    return this.#open.get(keyOf(secure));
  }

  /** Ends all of them: `cut` by FIN, `reset` by RST. */
  end(how: "cut" | "reset"): void {
    for (const { socket } of this.#open.values()) endSocket(socket, how);
  }
}

/** Ends a TCP connection: `cut` by FIN after what was written, `reset` by RST. */
export function endSocket(socket: Socket, how: "cut" | "reset"): void {
  if (how === "reset") socket.resetAndDestroy();
  else socket.destroy();
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
