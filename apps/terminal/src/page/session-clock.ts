import { element } from "./element.ts";
import { nextChangeMs, remainingTime } from "./remaining-time.ts";
import { fetchSessionStatus, type SessionStatus } from "./session-status.ts";

const POLL_MS = 60_000;

/**
 * Shows how much time the session has left. Asks for it when the page is shown and then each minute, never while it is
 * hidden, and no more once the answer was that there is no Carrel to ask.
 */
export class SessionClock {
  readonly #display = element("remaining");
  readonly #onStatus: (status: SessionStatus) => void;
  #endsAt: number | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer = 0;
  #stopped = false;

  /** `onStatus` is told every answer. */
  constructor(onStatus: (status: SessionStatus) => void) {
    this.#onStatus = onStatus;
    document.addEventListener("visibilitychange", () => this.#tick());
    this.#tick();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#display.hidden = true;
  }

  #tick(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || document.hidden) return;
    const now = performance.now();
    if (now - this.#askedAt >= POLL_MS) {
      this.#askedAt = now;
      void this.#ask();
    }
    const untilPoll = Math.max(0, this.#askedAt + POLL_MS - now);
    const untilChange = this.#endsAt === undefined ? untilPoll : nextChangeMs(this.#endsAt - now);
    this.#show(now);
    this.#timer = window.setTimeout(() => this.#tick(), Math.min(untilPoll, untilChange) + 1);
  }

  async #ask(): Promise<void> {
    const status = await fetchSessionStatus();
    if (this.#stopped) return;
    if (status.known) {
      this.#endsAt = status.expiresInMs === undefined ? undefined : performance.now() + status.expiresInMs;
    } else if (status.why === "absent") {
      this.#endsAt = undefined;
      this.#stopped = true;
    }
    this.#onStatus(status);
    this.#show(performance.now());
    this.#tick();
  }

  #show(now: number): void {
    this.#display.hidden = this.#endsAt === undefined;
    if (this.#endsAt === undefined) return;
    const { text, tone } = remainingTime(this.#endsAt - now);
    if (this.#display.textContent !== text) this.#display.textContent = text;
    this.#display.dataset["tone"] = tone;
  }
}
