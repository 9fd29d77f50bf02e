import { CarrelError } from "@carrel/std";
import { credentialsOf, type Credentials } from "../auth/authenticator.ts";
import type { Authentication } from "../auth/identity.ts";
import { decide, type Decision, type Refusal } from "../request/decide.ts";
import type { HostTarget } from "../request/host.ts";
import type { RequestHead } from "../request/request-head.ts";
import type { Route } from "../routing/route.ts";
import type { ProxyContext } from "./proxy-context.ts";

/** Who asks. */
export interface Peer {
  /** Address of the client, as the outermost trusted hop saw it. */
  readonly address: string;
  /** The X-Forwarded-For value for the pod. */
  readonly forwardedFor: string;
}

/** What an attempt is about. */
export interface AttemptRequest {
  readonly head: RequestHead;
  readonly target: HostTarget;
  readonly peer: Peer;
  /** Makes the signal that aborts when the client goes; asked for only when the request has to wait. */
  readonly clientGone: () => AbortSignal;
  /** Closes the client's connection: something that must not happen has happened. */
  readonly abandon: () => void;
}

/** A decision, and what else is true in the tick in which it was made. */
export type Outcome = (decision: Exclude<Decision, { kind: "readThrough" }>) => void;

/** How an attempt may wait. */
export interface WaitPolicy {
  /** Wait for a session that is starting, up to the limit; else `wait` is the outcome. */
  readonly hold: boolean;
}

/**
 * One request on its way to a decision. Waiting (for a signature, for the API server, for a session that is starting)
 * and deciding alternate, and the outcome is told in the very tick of the last decision: nothing can change between the
 * decision and what is done about it. A request whose cookie opens and whose route is known never waits.
 */
export class Attempt {
  readonly head: RequestHead;
  readonly target: HostTarget;
  readonly peer: Peer;
  readonly credentials: Credentials;
  readonly #context: ProxyContext;
  readonly #clientGone: () => AbortSignal;
  readonly #abandon: () => void;
  #authentication: Authentication = { via: "none" };
  #fetched: Route | undefined;
  #readThroughDone = false;
  #holdUntilMs: number | undefined;
  #heldOut = false;

  constructor(context: ProxyContext, request: AttemptRequest) {
    const { head, target, peer } = request;
    this.#context = context;
    this.head = head;
    this.target = target;
    this.peer = peer;
    this.#clientGone = request.clientGone;
    this.#abandon = request.abandon;
    this.credentials = credentialsOf(head);
  }

  /** Whoever was proven; what counts for a decision stands in the decision. */
  get authentication(): Authentication {
    return this.#authentication;
  }

  run(policy: WaitPolicy, outcome: Outcome): void {
    const step = (): void => {
      const decision = this.#decide();
      const pending = this.#wait(decision, policy);
      if (pending !== undefined) pending.then(step, fail).catch(crash);
      else if (decision.kind === "wait" && policy.hold) outcome(STARTING);
      else if (decision.kind !== "readThrough") outcome(decision);
    };
    const fail = (error: unknown): void => {
      if (!(error instanceof CarrelError)) this.#context.logger.error({ err: error }, "a decision failed");
      outcome(UNAVAILABLE);
    };
    const crash = (error: unknown): void => {
      this.#context.logger.error({ err: error }, "a request failed");
      this.#abandon();
    };
    const limited = this.#limited();
    if (limited !== undefined) return outcome(limited);
    const found = this.#context.authenticator.authenticate(this.head, this.credentials, this.target.session);
    if (!(found instanceof Promise)) {
      this.#take(found);
      step();
      return;
    }
    found
      .then((authentication) => {
        this.#take(authentication);
        step();
      }, fail)
      .catch(crash);
  }

  /** Checking signatures is work: an address that keeps sending bad ones is not listened to for a while. */
  #limited(): Refusal | undefined {
    const { badTokens } = this.#context;
    return this.credentials.token !== undefined && badTokens.isEmpty(this.peer.address)
      ? TOO_MANY_BAD_TOKENS
      : undefined;
  }

  #take(authentication: Authentication): void {
    const { metrics, badTokens } = this.#context;
    this.#authentication = authentication;
    if (authentication.via !== "none") {
      metrics.authentications.add(1, { result: authentication.via });
    } else if (authentication.refusal !== undefined) {
      metrics.authentications.add(1, { result: authentication.refusal });
      if (this.credentials.token !== undefined) badTokens.take(this.peer.address);
    }
  }

  #decide(): Decision {
    const { routes, authenticator, clock, scheme } = this.#context;
    const authentication = this.#authentication;
    const withdrawn = authentication.via !== "none" && !authenticator.isKeyCurrent(authentication.keyId);
    return decide({
      head: this.head,
      target: this.target,
      authentication: withdrawn ? { via: "none", refusal: "unknownKey" } : authentication,
      route: routes.lookUp(this.target.session) ?? this.#fetched,
      readThroughDone: this.#readThroughDone,
      nowMs: clock.now(),
      scheme,
    });
  }

  /** What has to come true before the next decision; undefined when this one stands. */
  #wait(decision: Decision, { hold }: WaitPolicy): Promise<void> | undefined {
    if (decision.kind === "readThrough") return this.#readThrough();
    if (decision.kind !== "wait" || !hold || this.#heldOut) return undefined;
    const { clock, limits, holding } = this.#context;
    this.#holdUntilMs ??= clock.monotonic() + limits.holdMs;
    const leftMs = this.#holdUntilMs - clock.monotonic();
    return holding.wait(this.target.session, Math.max(0, leftMs), this.#clientGone()).then((changed) => {
      this.#heldOut = !changed;
    });
  }

  async #readThrough(): Promise<void> {
    this.#fetched = await this.#context.routes.readThrough(this.target.session);
    this.#readThroughDone = true;
  }
}

const STARTING: Refusal = {
  kind: "refuse",
  status: 503,
  code: "PENDING",
  reason: "starting",
  message: "The session is not ready yet.",
};
const UNAVAILABLE: Refusal = {
  kind: "refuse",
  status: 503,
  code: "UNAVAILABLE",
  reason: "unavailable",
  message: "The session cannot be looked up at the moment.",
};
const TOO_MANY_BAD_TOKENS: Refusal = {
  kind: "refuse",
  status: 429,
  code: "QUOTA",
  reason: "limit",
  message: "Too many invalid tokens came from your address.",
};
