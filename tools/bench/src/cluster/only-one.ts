import { once } from "node:events";
import { createServer } from "node:net";
import { CarrelError } from "@carrel/std";

/**
 * Holds the benchmarks' cluster for one run: two at a time would measure each other, and the first to end would stop the
 * other's cluster. The kernel frees the name, an abstract Unix socket (unix(7)), with the process.
 *
 * @throws CarrelError `BENCH_RUNS` when another process holds it.
 */
export async function onlyOne(cluster: string): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy());
  server.listen(`\0carrel/bench:${cluster}`);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new CarrelError("BENCH_RUNS", "another benchmark runs on this machine; wait for its end", { cause: error });
  }
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
