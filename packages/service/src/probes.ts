import type { AddressInfo } from "node:net";
import { CarrelError, deadlineSignal, systemClock } from "@carrel/std";
import express, { type Response } from "express";
import type { Check } from "./readiness.ts";

/** What the probes say and where. */
export interface ProbesOptions {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on; default: all, IPv4 and IPv6. */
  readonly host?: string;
  /** Names of what is not ready. */
  readonly ready: Check;
  /** Problems, by name, that `/readyz` tells of although it does not fail for them. */
  readonly degraded?: () => Readonly<Record<string, string>>;
  /** Names of what can only be cured by a restart; default: nothing. */
  readonly live?: Check;
  /** The metrics, in the Prometheus text format; without it `/metrics` is 404. */
  readonly metrics?: () => Promise<string>;
  /** How long a check may take before it counts as failed, in milliseconds; default 1,000. */
  readonly checkTimeoutMs?: number;
}

/** A running probes server. */
export interface Probes extends AsyncDisposable {
  readonly port: number;
  /** Stops listening; waits at most one second for answers that are under way. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 1000;

/**
 * Serves `/healthz`, `/readyz` and `/metrics` on a port of their own, which no user traffic reaches. Failed probes are
 * 503 with `{"status":"failed","reasons":[…]}`; `/readyz` may also hold `"degraded":{"NAME":"PROBLEM"}`.
 * @throws the error of `listen` (port taken, not allowed).
 */
export async function startProbes(options: ProbesOptions): Promise<Probes> {
  const { live = () => [], degraded = () => ({}), metrics, checkTimeoutMs = 1000 } = options;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.get("/healthz", (_request, response) => answer(response, live, checkTimeoutMs));
  app.get("/readyz", (_request, response) => answer(response, options.ready, checkTimeoutMs, degraded()));
  if (metrics !== undefined) {
    app.get("/metrics", async (_request, response) => {
      response.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics());
    });
  }

  const server = await new Promise<ReturnType<typeof app.listen>>((resolve, reject) => {
    const listening = options.host === undefined ? app.listen(options.port) : app.listen(options.port, options.host);
    listening.once("listening", () => resolve(listening)).once("error", reject);
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 5000;
  server.maxConnections = 256;

  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeIdleConnections();
    const cut = deadlineSignal(CLOSE_TIMEOUT_MS);
    cut.addEventListener("abort", () => server.closeAllConnections(), { once: true });
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}

async function answer(
  response: Response,
  check: Check,
  timeoutMs: number,
  degraded: Readonly<Record<string, string>> = {},
): Promise<void> {
  const reasons = await reasonsOf(check, timeoutMs);
  response.set("cache-control", "no-store");
  const detail = Object.keys(degraded).length === 0 ? {} : { degraded };
  if (reasons.length === 0) response.json({ status: "ok", ...detail });
  else response.status(503).json({ status: "failed", reasons, ...detail });
}

async function reasonsOf(check: Check, timeoutMs: number): Promise<readonly string[]> {
  const done = new AbortController();
  const late = systemClock.sleep(timeoutMs, done.signal).then(
    () => [`no answer from the checks within ${timeoutMs} ms`],
    () => [],
  );
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch {
    return ["a check failed"];
  } finally {
    done.abort(new CarrelError("DONE", "the check has answered"));
  }
}
