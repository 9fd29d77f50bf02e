import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { ClusterError } from "../cluster-error.ts";

/**
 * Picks TCP ports of 127.0.0.1 that nothing listens on, at random below the kernel's range for outgoing connections
 * (32768 and above), so that no connection of a busy test takes one before its server starts.
 * @throws ClusterError `COMPONENT_FAILED` when a hundred tries find none.
 */
export async function pickFreePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries >= 100 + count) throw new ClusterError("COMPONENT_FAILED", "found no free TCP port on 127.0.0.1");
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  const closed = once(server, "close");
  server.close();
  await closed;
  return true;
}
