import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { OnProgress } from "../progress.ts";

/**
 * A lock between the processes of this machine, held until it is disposed or its process ends.
 *
 * It is an abstract Unix socket (unix(7)): one process listens on a name, the kernel frees the name with the process, so
 * no lock is ever left behind. Who waits stays connected to the holder and tries again when that connection ends.
 * @throws the signal's reason when it aborts while waiting.
 */
export async function buildLock(
  name: string,
  signal: AbortSignal | undefined,
  onProgress: OnProgress | undefined,
): Promise<AsyncDisposable> {
  const path = `\0carrel-images/${name}`;
  for (let waited = false; ; waited = true) {
    signal?.throwIfAborted();
    const lock = await tryLock(path);
    if (lock !== undefined) return lock;
    if (!waited) onProgress?.(`waiting for another process that builds ${name} …`);
    await holderGone(path, signal);
  }
}

async function tryLock(path: string): Promise<AsyncDisposable | undefined> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    waiting.add(socket);
    socket.on("close", () => waiting.delete(socket));
  });
  const waiting = new Set<{ destroy(): void }>();
  server.listen(path);
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of waiting) socket.destroy();
      await closed;
    },
  };
}

async function holderGone(path: string, signal: AbortSignal | undefined): Promise<void> {
  const socket = connect(path);
  // A refused connection means that the holder has just gone.
  socket.on("error", () => undefined);
  socket.resume();
  try {
    await once(socket, "close", { signal });
  } finally {
    socket.destroy();
  }
}
