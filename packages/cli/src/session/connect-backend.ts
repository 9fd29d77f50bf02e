import { CarrelClient } from "@carrel/client";
import type { NatsAccess } from "./nats-access.ts";

const CONNECT_TIMEOUT_MS = 15_000;

/** Connects as the backend of the tenant that `access` is for. */
export function connectBackend(access: NatsAccess, signal: AbortSignal): Promise<CarrelClient> {
  return CarrelClient.connect({
    servers: [access.servers],
    tenant: access.user,
    credentials: { user: access.user, password: access.password },
    name: "carrel-cli",
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    signal,
  });
}
