import type { Session, SessionTemplate, Tenant, Workspace } from "@carrel/api";
import type { KubeClient, ReadonlyStore } from "@carrel/kube";
import type { Clock } from "@carrel/std";
import type { ExchangeTokens } from "../keys/exchange-tokens.ts";
import type { CapReservations } from "../sessions/cap-reservations.ts";
import type { SessionUrls } from "../sessions/session-urls.ts";
import type { SessionWaiter } from "../sessions/session-waiter.ts";
import type { TemplateCheck } from "./template-check.ts";

/** Index of sessions by their tenant: what a request may see and what its caps count. */
export const TENANT_INDEX = "tenant";

/** What the request handlers work with. */
export interface RequestContext {
  readonly client: KubeClient;
  readonly sessions: Pick<ReadonlyStore<Session>, "get" | "byIndex">;
  readonly templates: Pick<ReadonlyStore<SessionTemplate>, "get">;
  readonly workspaces: Pick<ReadonlyStore<Workspace>, "get">;
  readonly tenants: Pick<ReadonlyStore<Tenant>, "get">;
  readonly waiter: SessionWaiter;
  readonly reservations: CapReservations;
  readonly tokens: ExchangeTokens;
  readonly urls: SessionUrls;
  readonly clock: Clock;
  /** Where secret parameters are kept. */
  readonly parametersNamespace: string;
  readonly templateCheck: TemplateCheck;
  /** Publishes an event; never throws, never waits. */
  readonly publish: (subject: string, body: object) => void;
}

/** What comes with every request besides its body. */
export interface RequestEnvelope {
  /** From the subject, which NATS permissions prove. */
  readonly tenant: string;
  readonly idempotencyKey?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Aborts early enough before the caller's deadline that an answer still arrives. */
  readonly signal: AbortSignal;
}
