import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Options of {@link acquireExclusiveLock}. */
export interface ExclusiveLockOptions {
  /** Called once when another process holds the lock. */
  readonly onWait?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A lock between the processes of this machine, held until it is disposed or its process ends, however it ends.
 *
 * It is an abstract Unix socket (unix(7)): the kernel lets one process listen on a name and frees the name with the
 * process, so there is no stale lock. Who waits stays connected and tries again when the connection ends.
 * @throws the signal's reason when it aborts while waiting.
 */
export async function acquireExclusiveLock(name: string, options: ExclusiveLockOptions = {}): Promise<AsyncDisposable> {
  for (let waited = false; ; waited = true) {
    options.signal?.throwIfAborted();
    const held = await tryExclusiveLock(name);
    if (held !== undefined) return held;
    if (!waited) options.onWait?.();
    await waitForRelease(pathOf(name), options.signal);
  }
}

/** The lock of {@link acquireExclusiveLock} when it is free, else undefined. */
export async function tryExclusiveLock(name: string): Promise<AsyncDisposable | undefined> {
  const waiting = new Set<Socket>();
  const server: Server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => waiting.delete(socket));
  });
  server.listen(pathOf(name));
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
  // The lock alone must not keep its process alive.
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of waiting) socket.destroy();
      await closed;
    },
  };
}

function pathOf(name: string): string {
  return `\0carrel/${name}`;
}

function waitForRelease(path: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const abort = (): void => {
      socket.destroy();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", abort, { once: true });
    // Refused: the holder has gone between our two tries.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    // The holder never writes; reading is what notices the end.
    socket.resume();
  });
}
