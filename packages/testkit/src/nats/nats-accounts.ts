import { randomBytes } from "node:crypto";
import { TestkitError } from "../testkit-error.ts";

/** What a NATS client connects with. */
export interface NatsCredentials {
  readonly user: string;
  readonly pass: string;
  /** The only inbox that it may listen on: pass it as the client's `inboxPrefix`. */
  readonly inboxPrefix: string;
}

/** A user and what it may do; subjects as NATS writes them. */
export interface NatsUser extends NatsCredentials {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May answer requests: publish once to the reply subject of each message that it got. */
  readonly replies: boolean;
}

/** Longest time from a request to its reply: the longest start deadline that a template may set is shorter. */
const REPLY_EXPIRES = "10m";

/** A user of the provisioner: hears every tenant's requests, answers them, publishes events. */
export function provisionerUser(): NatsUser {
  return user("provisioner", {
    publish: ["carrel.v1.evt.>"],
    subscribe: ["carrel.v1.*.session.*"],
    replies: true,
  });
}

/** A user of another service of Carrel: publishes events, hears them. */
export function serviceUser(name: string): NatsUser {
  return user(name, { publish: ["carrel.v1.evt.>"], subscribe: ["carrel.v1.evt.>"], replies: false });
}

/**
 * A user of a tenant's backend: sends requests on its own subjects, hears its own events and its own inbox.
 * @throws TestkitError `INVALID` for `evt`: a tenant of that name could forge every event.
 */
export function tenantUser(tenant: string): NatsUser {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(tenant) || tenant === "evt") {
    throw new TestkitError("INVALID", `"${tenant}" cannot be a tenant: it would be a token of NATS subjects`);
  }
  return user(tenant, {
    publish: [`carrel.v1.${tenant}.>`],
    subscribe: [`carrel.v1.evt.${tenant}.>`],
    replies: false,
  });
}

function user(name: string, may: Pick<NatsUser, "publish" | "subscribe" | "replies">): NatsUser {
  const inboxPrefix = `_INBOX_${name}`;
  const subscribe = [...may.subscribe, `${inboxPrefix}.>`];
  return { user: name, pass: randomBytes(16).toString("hex"), inboxPrefix, ...may, subscribe };
}

/** The `users` of nats-server's `authorization` block. */
export function renderUsers(users: readonly NatsUser[]): readonly object[] {
  return users.map(({ user: name, pass, publish, subscribe, replies }) => ({
    user: name,
    password: pass,
    permissions: {
      publish: { allow: publish },
      subscribe: { allow: subscribe },
      ...(replies ? { allow_responses: { max: 1, expires: REPLY_EXPIRES } } : {}),
    },
  }));
}
