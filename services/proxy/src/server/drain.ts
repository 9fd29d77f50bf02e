import type { Server } from "node:http";
import type { Clock } from "@carrel/std";
import type { StreamIndex } from "../streams/stream-index.ts";
import type { Stream } from "../streams/stream.ts";
import type { ProxyContext } from "./proxy-context.ts";

/** Between two rounds of closing, and between two looks at what is still open. */
const ROUND_MS = 100;
/** A closed WebSocket is gone after at most this: its client has been asked, and then it is destroyed. */
const CLOSING_MS = 2500;
const DRAIN = { cause: "drain", reason: "" } as const;

/**
 * Stops a server in good order. New connections go elsewhere; held requests are sent away; WebSockets get 1012, spread
 * so that their clients do not all come back at once; event streams end; requests in flight are waited for. What is left
 * at the end is destroyed.
 */
export async function drain(server: Server, context: ProxyContext): Promise<void> {
  const { clock, limits, streams, holding, metrics } = context;
  const startedMs = clock.monotonic();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  holding[Symbol.dispose]();
  for (const stream of streams.all("events")) stream.cut(DRAIN);
  await Promise.all([
    closeWebSockets(streams.all("websocket"), limits.drainWebsocketsMs, clock),
    requestsDone(server, streams, limits.drainRequestsMs, clock),
  ]);
  await until(() => streams.counts.websocket === 0, CLOSING_MS, clock);
  server.closeAllConnections();
  await closed;
  metrics.drain.record((clock.monotonic() - startedMs) / 1000);
}

async function closeWebSockets(streams: readonly Stream[], overMs: number, clock: Clock): Promise<void> {
  const rounds = Math.max(1, Math.floor(overMs / ROUND_MS));
  const perRound = Math.ceil(streams.length / rounds);
  for (let at = 0; at < streams.length; at += perRound) {
    if (at > 0) await clock.sleep(ROUND_MS);
    for (const stream of streams.slice(at, at + perRound)) stream.cut(DRAIN);
  }
}

async function requestsDone(server: Server, streams: StreamIndex, withinMs: number, clock: Clock): Promise<void> {
  const done = await until(() => streams.counts.http === 0 && streams.counts.events === 0, withinMs, clock);
  if (!done) for (const stream of streams.all("http", "events")) stream.cut(DRAIN);
  server.closeIdleConnections();
}

async function until(condition: () => boolean, withinMs: number, clock: Clock): Promise<boolean> {
  for (let leftMs = withinMs; leftMs > 0 && !condition(); leftMs -= ROUND_MS) await clock.sleep(ROUND_MS);
  return condition();
}
