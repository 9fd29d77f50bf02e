import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:https";
import type { Socket } from "node:net";

/**
 * The connections of a server, for its stop. Node's own `closeIdleConnections` leaves those alone that have not brought
 * a request yet, of which the API server keeps a few, and those that have not finished their handshake.
 */
export class Connections {
  /** By the address of the peer: the sockets under TLS. */
  readonly #sockets = new Map<string, Socket>();
  readonly #busy = new Set<string>();
  #closing = false;

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      const peer = peerOf(socket);
      this.#sockets.set(peer, socket);
      socket.once("close", () => this.#sockets.delete(peer));
    });
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      const peer = peerOf(socket);
      this.#busy.add(peer);
      response.once("close", () => {
        this.#busy.delete(peer);
        // An answer that had begun before the stop did not say so.
        if (this.#closing) socket.end();
      });
    });
  }

  /** Closes every connection that no request is under way on; the others when they have been answered. */
  closeIdle(): void {
    this.#closing = true;
    for (const [peer, socket] of this.#sockets) if (!this.#busy.has(peer)) socket.destroy();
  }

  closeAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }
}

/** The same for a socket and for the TLS that runs over it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
