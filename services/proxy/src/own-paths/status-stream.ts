import { CarrelError } from "@carrel/std";
import type { Authentication } from "../auth/identity.ts";
import type { Route } from "../routing/route.ts";
import type { HttpCall } from "../server/http-call.ts";
import type { Cut } from "../streams/cut.ts";
import type { Stream } from "../streams/stream.ts";
import { sessionStatus } from "./session-status.ts";

/** A comment now and then, so that nothing on the way takes the stream for dead. */
const COMMENT_EVERY_MS = 15_000;

/** `/.carrel/status` as an event stream: an event `status` at once and after every change. */
export class StatusStream implements Stream {
  readonly kind = "events";
  readonly session: string;
  readonly endpoint: string;
  readonly authentication: Authentication;
  readonly #call: HttpCall;
  readonly #closed = new AbortController();
  #route: Route;

  constructor(call: HttpCall, route: Route, authentication: Authentication) {
    this.#call = call;
    this.#route = route;
    this.session = call.attempt.target.session;
    this.endpoint = call.attempt.target.endpoint;
    this.authentication = authentication;
  }

  start(): void {
    const { response, context, answers } = this.#call;
    if (response.destroyed) return;
    const unsubscribe = context.routes.subscribe((session, route) => {
      if (session !== this.session || route === undefined) return;
      this.#route = route;
      this.#send();
    });
    response.once("close", () => {
      unsubscribe();
      context.streams.remove(this);
      this.#closed.abort(new CarrelError("CLOSED", "the stream is closed"));
    });
    response.writeHead(200, [
      "Content-Type",
      "text/event-stream",
      "Cache-Control",
      "no-store",
      "X-Accel-Buffering",
      "no",
      "X-Carrel-Request-Id",
      answers.requestId,
    ]);
    context.metrics.requests.add(1, { kind: "events", class: "2xx", reason: "status" });
    context.cutter.watch(this, this.#route);
    this.#send();
    void this.#keepAlive();
  }

  cut({ cause }: Cut): void {
    const { response, context } = this.#call;
    this.#route = context.routes.lookUp(this.session) ?? this.#route;
    // A last word: the session is over. Who may not listen any more hears nothing.
    if (cause === "sessionEnded") this.#send();
    if (!response.writableEnded) response.end();
  }

  #send(): void {
    const { response, context } = this.#call;
    if (response.destroyed || response.writableEnded) return;
    const body = sessionStatus(this.#route, this.endpoint, context.clock.now());
    response.write(`event: status\ndata: ${JSON.stringify(body)}\n\n`);
  }

  async #keepAlive(): Promise<void> {
    const { clock } = this.#call.context;
    try {
      for (;;) {
        await clock.sleep(COMMENT_EVERY_MS, this.#closed.signal);
        if (this.#call.response.writableLength === 0) this.#call.response.write(": still here\n\n");
      }
    } catch {
      // Closed.
    }
  }
}
