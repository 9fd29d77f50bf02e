import { ApiError } from "@carrel/api";
import { backoffMs, systemClock } from "@carrel/std";
import { jetstream, jetstreamManager, type JetStreamManager, type JsMsg } from "@nats-io/jetstream";
import type { z } from "zod";
import type { Answer } from "../answer.ts";
import { MAX_PAYLOAD_BYTES } from "../decode-body.ts";
import { FairQueue } from "../fair-queue.ts";
import type { RequestRun } from "../run-request.ts";
import type { MessagingSession } from "../session.ts";
import { answerGivenUp } from "./answer-given-up.ts";
import { ensureWorkQueue } from "./ensure-work-queue.ts";
import { describeProblem } from "./describe-problem.ts";
import { pullMessages } from "./pull-messages.ts";
import type { QueueContext } from "./queue-context.ts";
import { Room } from "./room.ts";
import { settleRequest, type QueuedRequest } from "./settle-request.ts";
import { takeRequest, type TakeRequestOptions } from "./take-request.ts";
import type { WorkQueue, WorkQueueOptions } from "./work-queue-options.ts";
import { planWorkQueue, type WorkQueuePlan } from "./work-queue-plan.ts";

const API_TIMEOUT_MS = 5000;
const HAND_OVER_MS = 500;
/** Given-up requests that are answered at once. */
const GIVEN_UP_AT_ONCE = 8;

/** See `Messaging.workQueue`. */
export function startWorkQueue<Schema extends z.ZodType>(
  session: MessagingSession,
  options: WorkQueueOptions<Schema>,
): WorkQueue {
  return new WorkQueueRunner(session, options);
}

/** Serves a queue for as long as it is open: whatever ends a round, another one begins. */
class WorkQueueRunner<Schema extends z.ZodType> implements WorkQueue {
  readonly #session: MessagingSession;
  readonly #options: WorkQueueOptions<Schema>;
  readonly #plan: WorkQueuePlan;
  readonly #context: QueueContext;
  readonly #taking: TakeRequestOptions<Schema>;
  readonly #stopping = new AbortController();
  /** The messages that are with this process, and since when. */
  readonly #held = new Map<JsMsg, number>();
  readonly #runs = new Set<RequestRun>();
  readonly #room: Room;
  readonly #givenUpRoom = new Room(GIVEN_UP_AT_ONCE);
  readonly #signsOfLife: NodeJS.Timeout;
  readonly #loop: Promise<void>;
  #problem: string | undefined = "not connected yet";
  /** Ends the round that runs, so that the next one sets everything up again. */
  #renew = new AbortController();
  #handingOver = false;

  constructor(session: MessagingSession, options: WorkQueueOptions<Schema>) {
    const { workers = 64, redact = () => undefined } = options;
    this.#session = session;
    this.#options = options;
    this.#plan = planWorkQueue(options, workers);
    this.#room = new Room(workers);
    this.#context = {
      connection: session.connection,
      logger: session.logger,
      client: jetstream(session.connection, { timeout: API_TIMEOUT_MS }),
      deadLetterSubject: options.deadLetterSubject,
      redact,
      maxDeliver: this.#plan.maxDeliver,
      streamMissing: () => this.#renew.abort(),
      handingOver: () => this.#handingOver,
    };
    const limits = { maxRunning: workers, maxRunningPerKey: workers, maxWaiting: workers, maxWaitingPerKey: workers };
    this.#taking = {
      schema: options.schema,
      handle: options.handle,
      queue: new FairQueue(limits),
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
      maxAgeMs: this.#plan.maxAgeMs,
      stopping: this.#stopping.signal,
      answer: (request, answer) => void this.#settle(request, answer),
      drop: (message) => this.#release(message),
      logger: session.logger,
    };
    this.#signsOfLife = setInterval(() => this.#signOfLife(), this.#plan.ackWaitMs / 3);
    this.#loop = this.#serve();
  }

  problem(): string | undefined {
    return this.#session.state.connected() ? this.#problem : "there is no connection to NATS";
  }

  inFlight(): number {
    return this.#held.size;
  }

  async close(timeoutMs = 10_000): Promise<void> {
    if (this.#stopping.signal.aborted) return await this.#loop;
    this.#stopping.abort(new ApiError("UNAVAILABLE", "the service is stopping"));
    await this.#loop;
    await this.#room.empty(timeoutMs);
    this.#handingOver = true;
    const reason = new ApiError("UNAVAILABLE", "the service is stopping");
    for (const run of this.#runs) run.hurry(reason);
    await this.#room.empty(HAND_OVER_MS);
    for (const run of this.#runs) run.giveUp(reason);
    await this.#room.empty(HAND_OVER_MS);
    clearInterval(this.#signsOfLife);
    this.#problem = "closed";
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serve(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const lost = this.#session.state.connectionLost();
      const served = !lost.aborted && (await this.#round(AbortSignal.any([signal, lost])));
      // A lost connection comes back by itself, and then there is nothing to wait for.
      if (served || lost.aborted) attempt = 0;
      const pauseMs = 100 + backoffMs(attempt, { baseMs: 200, maxMs: 10_000, jitter: 0.5 });
      await systemClock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  /** Serves until the signal aborts or something fails; true when it came so far as to serve. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const ended = new AbortController();
    this.#renew = ended;
    let served = false;
    try {
      const manager = await jetstreamManager(this.#session.connection, { checkAPI: false, timeout: API_TIMEOUT_MS });
      await ensureWorkQueue(manager, this.#plan);
      const until = AbortSignal.any([signal, ended.signal]);
      const pulls = [this.#pullRequests(until), this.#pullGivenUp(manager, until)];
      served = true;
      this.#report(undefined);
      try {
        await Promise.race(pulls);
      } finally {
        ended.abort();
        await Promise.allSettled(pulls);
      }
    } catch (error) {
      this.#report(describeProblem(error), error);
    }
    return served;
  }

  async #pullRequests(signal: AbortSignal): Promise<void> {
    const { streams, consumer } = this.#options;
    await pullMessages({
      consumer: await this.#context.client.consumers.get(streams.queue, consumer),
      room: this.#room,
      onMessage: (message) => this.#take(message),
      signal,
    });
  }

  async #pullGivenUp(manager: JetStreamManager, signal: AbortSignal): Promise<void> {
    const { streams, consumer } = this.#options;
    await pullMessages({
      consumer: await this.#context.client.consumers.get(streams.givenUp, consumer),
      room: this.#givenUpRoom,
      onMessage: (advisory) => {
        this.#givenUpRoom.take();
        void answerGivenUp(this.#context, manager, streams.queue, advisory).then(() => this.#givenUpRoom.give());
      },
      signal,
    });
  }

  #take(message: JsMsg): void {
    this.#held.set(message, systemClock.monotonic());
    this.#room.take();
    const run = takeRequest(message, this.#taking);
    if (run !== undefined) {
      this.#runs.add(run);
      void run.settled.then(() => this.#runs.delete(run));
    }
  }

  async #settle(request: QueuedRequest, answer: Answer): Promise<void> {
    const { message, envelope } = request;
    const { outcome, retried } = await settleRequest(this.#context, request, answer);
    const durationMs = systemClock.monotonic() - this.#release(message);
    const { deliveryCount } = message.info;
    this.#session.logger.debug(
      { ...envelope, outcome, retried, deliveryCount, durationMs },
      "settled a queued request",
    );
    this.#options.onSettled?.({ subject: this.#options.subject, outcome, retried, durationMs });
  }

  /** Lets go of a message; gives when it came. */
  #release(message: JsMsg): number {
    const takenAt = this.#held.get(message) ?? systemClock.monotonic();
    if (this.#held.delete(message)) this.#room.give();
    return takenAt;
  }

  /** Tells the server that the requests are worked on; without it another worker would get them. */
  #signOfLife(): void {
    if (!this.#session.state.connected()) return;
    for (const message of this.#held.keys()) message.working();
  }

  #report(problem: string | undefined, error?: unknown): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const { logger } = this.#session;
    const queue = this.#options.streams.queue;
    if (problem === undefined) logger.info({ queue }, "work on the queue begins");
    else logger.warn({ err: error, queue, problem }, "the queue is not served; trying again");
  }
}
