import type { Cut } from "./cut.ts";
import type { Stream, StreamKind } from "./stream.ts";

/** One sign-in of a user: all that came of one exchange token. */
export interface SignIn {
  readonly session: string;
  readonly subject: string;
  readonly tenant: string;
  readonly authenticatedAtMs: number;
}

/** How many streams of each kind are open. */
export type StreamCounts = Readonly<Record<StreamKind, number>>;

/**
 * Every open stream, by session: what an event must find in its own tick. Upgraded sockets are in no list of
 * node:http's server, so this is also the only place that knows them when the process stops.
 */
export class StreamIndex {
  readonly #bySession = new Map<string, Set<Stream>>();
  readonly #counts: Record<StreamKind, number> = { http: 0, events: 0, websocket: 0 };
  readonly #websocketsByUser = new Map<string, number>();

  add(stream: Stream): void {
    let streams = this.#bySession.get(stream.session);
    if (streams === undefined) {
      streams = new Set();
      this.#bySession.set(stream.session, streams);
    }
    streams.add(stream);
    this.#count(stream, 1);
  }

  /** Removing twice does nothing. */
  remove(stream: Stream): void {
    const streams = this.#bySession.get(stream.session);
    if (streams?.delete(stream) !== true) return;
    if (streams.size === 0) this.#bySession.delete(stream.session);
    this.#count(stream, -1);
  }

  get counts(): StreamCounts {
    return this.#counts;
  }

  /** Sessions with at least one stream. */
  get sessions(): Iterable<string> {
    return this.#bySession.keys();
  }

  has(session: string): boolean {
    return this.#bySession.has(session);
  }

  websocketsOf(session: string): number {
    let count = 0;
    for (const stream of this.#bySession.get(session) ?? []) if (stream.kind === "websocket") count += 1;
    return count;
  }

  /** WebSockets of a user over all sessions. */
  websocketsOfUser(user: string): number {
    return this.#websocketsByUser.get(user) ?? 0;
  }

  /** True when a WebSocket or event stream is open that was opened with the same sign-in. */
  hasSignIn({ session, subject, tenant, authenticatedAtMs }: SignIn): boolean {
    for (const { kind, authentication } of this.#bySession.get(session) ?? []) {
      if (kind === "http" || authentication.via === "none") continue;
      if (authentication.subject !== subject || authentication.tenant !== tenant) continue;
      if (authentication.authenticatedAtMs === authenticatedAtMs) return true;
    }
    return false;
  }

  /** Cuts the streams of a session for which `verdict` gives a reason; returns how many that were. */
  cut(session: string, verdict: (stream: Stream) => Cut | undefined): number {
    const streams = this.#bySession.get(session);
    if (streams === undefined) return 0;
    let count = 0;
    for (const stream of streams) {
      const cut = verdict(stream);
      if (cut === undefined) continue;
      count += 1;
      stream.cut(cut);
    }
    return count;
  }

  /** All streams of the kinds, as of now. */
  all(...kinds: readonly StreamKind[]): Stream[] {
    const found: Stream[] = [];
    for (const streams of this.#bySession.values()) {
      for (const stream of streams) if (kinds.includes(stream.kind)) found.push(stream);
    }
    return found;
  }

  #count(stream: Stream, change: 1 | -1): void {
    this.#counts[stream.kind] += change;
    if (stream.kind !== "websocket" || stream.authentication.via === "none") return;
    const user = userKey(stream.authentication);
    const count = (this.#websocketsByUser.get(user) ?? 0) + change;
    if (count === 0) this.#websocketsByUser.delete(user);
    else this.#websocketsByUser.set(user, count);
  }
}

/** A user over all sessions: ids are the tenant's own, so two tenants may have the same one. */
export function userKey({ tenant, subject }: { readonly tenant: string; readonly subject: string }): string {
  return `${tenant}\0${subject}`;
}
