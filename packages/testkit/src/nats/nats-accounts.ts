import { randomBytes } from "node:crypto";
import {
  inboxPrefix,
  NATS_SERVICE_USERS,
  RESERVED_TENANTS,
  servicePermissions,
  tenantPermissions,
  type NatsPermissions,
} from "@carrel/api";
import { TestkitError } from "../testkit-error.ts";

/** What a NATS client connects with. */
export interface NatsCredentials {
  readonly user: string;
  readonly pass: string;
  /** The only inbox that it may listen on: pass it as the client's `inboxPrefix`. */
  readonly inboxPrefix: string;
}

/** A user and what it may do. */
export interface NatsUser extends NatsCredentials {
  readonly permissions: NatsPermissions;
}

/**
 * The users of an installation with these tenants, with the permissions that the chart gives them.
 * @throws TestkitError `INVALID` for a tenant whose name would be a token of Carrel's own subjects or one of its users.
 */
export function natsUsers(tenants: readonly string[]): readonly NatsUser[] {
  for (const tenant of tenants) {
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(tenant) || (RESERVED_TENANTS as readonly string[]).includes(tenant)) {
      throw new TestkitError("INVALID", `"${tenant}" cannot be a tenant: it would be a token of NATS subjects`);
    }
  }
  return [
    ...NATS_SERVICE_USERS.map((name) => newUser(name, servicePermissions(name, tenants))),
    ...tenants.map((tenant) => newUser(tenant, tenantPermissions(tenant))),
  ];
}

function newUser(name: string, permissions: NatsPermissions): NatsUser {
  return { user: name, pass: randomBytes(16).toString("hex"), inboxPrefix: inboxPrefix(name), permissions };
}

/** The `users` of nats-server's `authorization` block. */
export function renderUsers(users: readonly NatsUser[]): readonly object[] {
  return users.map(({ user, pass, permissions: { publish, subscribe, allowResponses } }) => ({
    user,
    password: pass,
    permissions: {
      publish: { allow: publish },
      subscribe: { allow: subscribe },
      ...(allowResponses === undefined ? {} : { allow_responses: allowResponses }),
    },
  }));
}
