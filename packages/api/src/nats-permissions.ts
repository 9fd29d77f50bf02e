import { CREATES_CONSUMER, SERVICE_NAME, STREAMS, subjects } from "./subjects.ts";

/**
 * What a NATS user may do; subjects as nats-server's configuration writes them. One table for the chart (which is
 * generated from it), for every test server and for whoever runs a NATS of their own.
 */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May answer requests: publish to the reply subject of each message that it got, so often and for so long. */
  readonly allowResponses?: { readonly max: number; readonly expires: string };
}

/** Users of Carrel itself. `operator` is for people: discovery, statistics, events, dead letters. */
export const NATS_SERVICE_USERS = ["provisioner", "reaper", "proxy", "operator"] as const;
export type NatsServiceUser = (typeof NATS_SERVICE_USERS)[number];

/**
 * The prefix of a user's inboxes; its permissions name `_INBOX_<user>.>` and nothing else. With the default prefix
 * (`_INBOX`) every user could read everybody's replies.
 */
export function inboxPrefix(user: string): string {
  return `_INBOX_${user}`;
}

/** Longer than the longest `Deadline` that a request may have. */
const RESPONSE_EXPIRES = "15m";
const EVENTS = "carrel.v1.evt.>";
const REQUESTS = "carrel.v1.*.session.*";

/**
 * The permissions of a service. The provisioner answers asynchronous requests in the inboxes of these tenants; what it
 * may do with JetStream ends at Carrel's own streams, and it can delete none of them.
 */
export function servicePermissions(user: NatsServiceUser, tenants: readonly string[] = []): NatsPermissions {
  const inbox = `${inboxPrefix(user)}.>`;
  switch (user) {
    case "provisioner":
      return {
        publish: [EVENTS, ...jetStreamSubjects(), ...tenants.map((tenant) => `${inboxPrefix(tenant)}.>`)],
        subscribe: [REQUESTS, ...discoverySubjects(), inbox],
        allowResponses: { max: 1, expires: RESPONSE_EXPIRES },
      };
    case "reaper":
    case "proxy":
      return { publish: [EVENTS], subscribe: [inbox] };
    case "operator":
      return {
        publish: [
          "$SRV.>",
          "$JS.API.INFO",
          "$JS.API.STREAM.NAMES",
          "$JS.API.STREAM.LIST",
          "$JS.API.STREAM.INFO.*",
          "$JS.API.CONSUMER.NAMES.*",
          "$JS.API.CONSUMER.LIST.*",
          "$JS.API.CONSUMER.INFO.*.*",
          `$JS.API.STREAM.MSG.GET.${STREAMS.deadLetters}`,
          `$JS.API.STREAM.MSG.DELETE.${STREAMS.deadLetters}`,
        ],
        subscribe: [EVENTS, inbox],
      };
  }
}

/**
 * The permissions of a tenant's backend: its own requests, its own events, its own inbox. No stream, no discovery, no
 * dead letters: what it leaves in a stream it cannot read again.
 */
export function tenantPermissions(tenant: string): NatsPermissions {
  return {
    publish: [`carrel.v1.${tenant}.session.*`, subjects.asyncCreate(tenant)],
    subscribe: [`carrel.v1.evt.${tenant}.>`, `${inboxPrefix(tenant)}.>`],
  };
}

function jetStreamSubjects(): string[] {
  const own = Object.values(STREAMS).flatMap((stream) => [
    `$JS.API.STREAM.CREATE.${stream}`,
    `$JS.API.STREAM.UPDATE.${stream}`,
    `$JS.API.STREAM.INFO.${stream}`,
  ]);
  const pulled = [STREAMS.creates, STREAMS.givenUp].flatMap((stream) => [
    `$JS.API.CONSUMER.CREATE.${stream}.${CREATES_CONSUMER}`,
    `$JS.API.CONSUMER.INFO.${stream}.${CREATES_CONSUMER}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${CREATES_CONSUMER}`,
    `$JS.ACK.${stream}.${CREATES_CONSUMER}.>`,
    // Newer servers put domain and account before the stream.
    `$JS.ACK.*.*.${stream}.${CREATES_CONSUMER}.>`,
  ]);
  return [
    ...own,
    ...pulled,
    `$JS.API.STREAM.MSG.GET.${STREAMS.creates}`,
    `$JS.API.STREAM.MSG.DELETE.${STREAMS.creates}`,
    subjects.deadLetter("*"),
  ];
}

/** `$SRV.VERB`, `$SRV.VERB.carrel` and `$SRV.VERB.carrel.ID` of ADR-32. */
function discoverySubjects(): string[] {
  return ["PING", "INFO", "STATS"].flatMap((verb) => [
    `$SRV.${verb}`,
    `$SRV.${verb}.${SERVICE_NAME}`,
    `$SRV.${verb}.${SERVICE_NAME}.*`,
  ]);
}
