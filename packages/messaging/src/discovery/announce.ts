import { randomUUID } from "node:crypto";
import { systemClock } from "@carrel/std";
import type { Msg, Subscription } from "@nats-io/transport-node";
import type { Outcome } from "../answer.ts";
import type { MessagingSession } from "../session.ts";
import { EndpointStatistics, type Endpoint } from "./endpoint-statistics.ts";

/** What discovery tells of a service. */
export interface AnnounceOptions {
  /** Letters, digits, `-` and `_`; the same for all instances. */
  readonly name: string;
  /** A semantic version. */
  readonly version: string;
  readonly description: string;
  readonly endpoints: readonly Endpoint[];
}

/** A service that discovery finds. Dispose it and it is found no longer. */
export interface Announced extends Disposable {
  /** Of this instance. */
  readonly id: string;
  /** Counts an answered request of the endpoint with that subject. */
  readonly count: (answered: {
    readonly subject: string;
    readonly outcome: Outcome;
    readonly durationMs: number;
  }) => void;
}

const VERBS = ["PING", "INFO", "STATS"] as const;
type Verb = (typeof VERBS)[number];
/** Asking for it makes the service write there: nothing but inboxes. */
const INBOX = /^(_INBOX[._]|_R_\.)/;

/**
 * Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`, each also with `.NAME` and `.NAME.ID` (ADR-32, NATS' service API),
 * so that `nats service ls` and its like find every instance. Who may ask is a matter of NATS permissions; the answers
 * hold nothing of a tenant. Without permission to listen there it goes unfound, and the log says so.
 */
export function announce({ connection, logger }: MessagingSession, options: AnnounceOptions): Announced {
  const { name, version, description, endpoints } = options;
  const id = randomUUID().replaceAll("-", "");
  const started = new Date(systemClock.now()).toISOString();
  const statistics = new Map(endpoints.map((endpoint) => [endpoint.subject, new EndpointStatistics(endpoint)]));
  const common = { name, id, version, metadata: {} };
  const answers: Record<Verb, () => object> = {
    PING: () => ({ type: "io.nats.micro.v1.ping_response", ...common }),
    INFO: () => ({
      type: "io.nats.micro.v1.info_response",
      ...common,
      description,
      endpoints: endpoints.map(({ queueGroup, ...endpoint }) => ({
        ...endpoint,
        queue_group: queueGroup,
        metadata: {},
      })),
    }),
    STATS: () => ({
      type: "io.nats.micro.v1.stats_response",
      ...common,
      started,
      endpoints: [...statistics.values()].map((one) => one.render()),
    }),
  };
  const listen = (subject: string, verb: Verb): Subscription =>
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) reply(message, answers[verb]());
        else logger.warn({ err: error, subject }, "this instance cannot be discovered");
      },
    });
  const subscriptions = VERBS.flatMap((verb) =>
    [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`].map((subject) => listen(subject, verb)),
  );
  return {
    id,
    count: ({ subject, outcome, durationMs }) => statistics.get(subject)?.count(outcome, durationMs),
    [Symbol.dispose]: () => {
      for (const subscription of subscriptions) if (!subscription.isClosed()) subscription.unsubscribe();
    },
  };
}

function reply(message: Msg, body: object): void {
  if (message.reply === undefined || !INBOX.test(message.reply)) return;
  message.respond(JSON.stringify(body));
}
