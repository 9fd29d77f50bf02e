import type { ClosePlan } from "./close-plan.ts";
import { fetchSessionStatus, isOver, type SessionStatus } from "./session-status.ts";

/** What a {@link Reconnector} does to the page. */
export interface ReconnectorActions {
  connect(): void;
  /** Says how things stand while there is no connection. */
  show(text: string): void;
  ended(reason: string): void;
  signedOut(forbidden: boolean): void;
}

/** Waits and reconnects one terminal as its close plans say, asking the session's status when they say so. */
export class Reconnector {
  readonly #actions: ReconnectorActions;
  #timer = 0;
  #waiting = false;

  constructor(actions: ReconnectorActions) {
    this.#actions = actions;
  }

  /** Follows a plan to reconnect. */
  follow(plan: ClosePlan & { readonly action: "reconnect" }): void {
    this.cancel();
    this.#waiting = true;
    this.#actions.show("Connection lost. Reconnecting…");
    if (plan.askStatus) void this.#askThenWait(plan.delayMs);
    else this.#wait(plan.delayMs);
  }

  /** Reconnects at once when it was going to. */
  now(): void {
    if (!this.#waiting) return;
    this.cancel();
    this.#actions.connect();
  }

  cancel(): void {
    this.#waiting = false;
    clearTimeout(this.#timer);
  }

  #wait(delayMs: number): void {
    this.#timer = window.setTimeout(() => this.now(), delayMs);
  }

  async #askThenWait(delayMs: number): Promise<void> {
    const status = await fetchSessionStatus();
    if (!this.#waiting) return;
    if (isOver(status)) return this.#stop(() => this.#actions.ended(status.reason));
    if (!status.known && (status.why === "signed-out" || status.why === "forbidden")) {
      return this.#stop(() => this.#actions.signedOut(status.why === "forbidden"));
    }
    this.#actions.show(waitingText(status));
    return this.#wait(delayMs);
  }

  #stop(say: () => void): void {
    this.cancel();
    say();
  }
}

/** What to say while the page keeps trying. */
export function waitingText(status: SessionStatus): string {
  if (status.known && status.message !== "") return status.message;
  if (status.known && status.phase === "Queued") return "Your workspace is waiting for its turn…";
  if (status.known && status.phase !== "Ready") return "Your workspace is starting…";
  if (!status.known && status.why === "unreachable") return "No connection to the server. Reconnecting…";
  return "The terminal does not answer. Reconnecting…";
}
