import { clearInterval, setInterval } from "node:timers";
import type { WebSocket } from "ws";

/**
 * Finds sockets whose other end has vanished without a word: pings each open one every `intervalMs`, ends those that
 * have not answered the ping before. Pings are no activity to Carrel's proxy. Returns how to stop it.
 */
export function startHeartbeat(sockets: () => Iterable<WebSocket>, intervalMs: number): () => void {
  const awaited = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of sockets()) {
      // A paused socket cannot be heard: its shell does not read.
      if (socket.isPaused || socket.readyState !== socket.OPEN) continue;
      if (awaited.has(socket)) {
        socket.terminate();
        continue;
      }
      awaited.add(socket);
      socket.once("pong", () => awaited.delete(socket));
      socket.ping();
    }
  }, intervalMs).unref();
  return () => clearInterval(timer);
}
