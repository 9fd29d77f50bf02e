import { once } from "node:events";
import { createServer } from "node:net";
import { CarrelError } from "@carrel/std";

/**
 * Makes sure that one `carrel dev` at a time works on a cluster. The kernel frees the name, an abstract Unix socket
 * (unix(7)), with the process, however that ends.
 *
 * @throws CarrelError `DEV_RUNS` when another process holds it.
 */
export async function exclusive(cluster: string): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy());
  server.listen(`\0carrel/dev:${cluster}`);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new CarrelError("DEV_RUNS", `another carrel dev runs on cluster ${cluster}`, { cause: error });
  }
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
