import { systemClock } from "@carrel/std";
import { matchesFilter, type ProxiedRequest, type RequestFilter } from "./proxied-request.ts";

/** A request that is still being written to. */
export type OpenRequest = { -readonly [Key in keyof ProxiedRequest]: ProxiedRequest[Key] };

const MAX_REQUESTS = 100_000;

/** The requests that a proxy has seen, oldest first; the newest 100,000 are kept. */
export class RequestLog {
  readonly #startMs = systemClock.monotonic();
  readonly #requests: OpenRequest[] = [];
  #lastId = 0;

  /** Opens an entry. */
  add(facts: Pick<ProxiedRequest, "method" | "path" | "query" | "userAgent" | "watch" | "connection">): OpenRequest {
    const request: OpenRequest = {
      id: ++this.#lastId,
      atMs: systemClock.monotonic() - this.#startMs,
      ...facts,
      faults: [],
      status: undefined,
      bytes: 0,
      outcome: "open",
    };
    this.#requests.push(request);
    if (this.#requests.length > MAX_REQUESTS) this.#requests.splice(0, MAX_REQUESTS / 10);
    return request;
  }

  /** Copies of the entries that the filter selects. */
  select(filter: RequestFilter = {}): ProxiedRequest[] {
    return this.#requests.filter((request) => matchesFilter(request, filter)).map((request) => ({ ...request }));
  }

  clear(): void {
    this.#requests.length = 0;
  }
}
