import { connect } from "node:net";
import { deadlineSignal, systemClock } from "@carrel/std";
import type { ChildProgram } from "../process/child-program.ts";

const READY_TIMEOUT_MS = 15_000;
const PAUSE_MS = 10;

/**
 * Waits until the nats-server called `name` greets on its port.
 * @throws TestkitError `PROGRAM_FAILED` as soon as the process has ended, or after 15 s; the signal's reason.
 */
export async function waitForNats(
  child: ChildProgram,
  options: { readonly port: number; readonly name: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const late = systemClock.monotonic() + READY_TIMEOUT_MS;
  for (;;) {
    options.signal?.throwIfAborted();
    if (!child.running) throw await child.failure("ended");
    const greeting = await readGreeting(options.port, deadlineSignal(1000, options.signal));
    // Another server may own the port while ours finds out that it is taken.
    if (greeting.includes(`"server_name":"${options.name}"`)) return;
    if (systemClock.monotonic() > late) throw await child.failure(`does not answer after ${READY_TIMEOUT_MS} ms`);
    await systemClock.sleep(PAUSE_MS, options.signal);
  }
}

/** The INFO line that a nats-server sends to whoever connects; empty when nobody answers. */
function readGreeting(port: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const abort = (): void => void socket.destroy();
    signal.addEventListener("abort", abort, { once: true });
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\r\n") || text.length > 65_536) socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      signal.removeEventListener("abort", abort);
      resolve(text);
    });
  });
}
