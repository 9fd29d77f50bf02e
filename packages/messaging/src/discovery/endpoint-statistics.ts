import type { Outcome } from "../answer.ts";

/** Something that answers requests, as discovery shows it. Subjects have wildcards for tenants: no tenant is named. */
export interface Endpoint {
  readonly name: string;
  readonly subject: string;
  readonly queueGroup: string;
}

/** What ADR-32 calls EndpointStats. Times in nanoseconds. */
export interface EndpointStats {
  readonly name: string;
  readonly subject: string;
  readonly queue_group: string;
  readonly num_requests: number;
  readonly num_errors: number;
  readonly last_error: string;
  readonly processing_time: number;
  readonly average_processing_time: number;
}

const NANOS_PER_MS = 1_000_000;

/** Counts the requests of an endpoint. No I/O. */
export class EndpointStatistics {
  readonly #endpoint: Endpoint;
  #requests = 0;
  #errors = 0;
  #lastError = "";
  #processingNanos = 0;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Of an error only the code is kept: messages name tenants, users and templates. */
  count(outcome: Outcome, durationMs: number): void {
    this.#requests += 1;
    this.#processingNanos += Math.round(durationMs * NANOS_PER_MS);
    if (outcome === "OK") return;
    this.#errors += 1;
    this.#lastError = outcome;
  }

  render(): EndpointStats {
    const { name, subject, queueGroup } = this.#endpoint;
    const average = this.#requests === 0 ? 0 : Math.trunc(this.#processingNanos / this.#requests);
    return {
      name,
      subject,
      queue_group: queueGroup,
      num_requests: this.#requests,
      num_errors: this.#errors,
      last_error: this.#lastError,
      processing_time: this.#processingNanos,
      average_processing_time: average,
    };
  }
}
