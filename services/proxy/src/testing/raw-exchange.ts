import { connect } from "node:net";
import { systemClock } from "@carrel/std";

/** What came back for raw bytes. */
export interface RawAnswer {
  readonly text: string;
  readonly status: number;
  /** The peer has closed the connection. */
  readonly closed: boolean;
}

/** Sends raw bytes to a port of the loopback and collects what comes back until it closes or `ms` have passed. */
export async function rawExchange(port: number, bytes: string | Buffer, ms = 500): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  let closed = false;
  const ended = new AbortController();
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const close = (): void => {
    closed = true;
    ended.abort();
  };
  socket.on("end", close);
  socket.on("close", close);
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  await systemClock.sleep(ms, ended.signal).catch(() => undefined);
  socket.destroy();
  const text = Buffer.concat(chunks).toString("latin1");
  return { text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), closed };
}
