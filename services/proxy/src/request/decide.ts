import type { ErrorCode } from "@carrel/api";
import { accessTo, isCurrent } from "../auth/access.ts";
import type { Authentication } from "../auth/identity.ts";
import { isSameOrigin } from "../auth/same-origin.ts";
import { endReasonOf, isOver, type AccessLevel, type Route } from "../routing/route.ts";
import { MAIN_ENDPOINT, type HostTarget } from "./host.ts";
import type { RequestHead } from "./request-head.ts";

/** Why a request is not passed on: the closed list, as pages, JSON answers and metrics show it. */
export type RefusalReason =
  | "signedOut"
  | "forbidden"
  | "crossOrigin"
  | "notFound"
  | "ended"
  | "starting"
  | "limit"
  | "podRefused"
  | "podSilent"
  | "podFailed"
  | "unavailable"
  | "malformed";

/** A refusal. What it looks like depends on who asks. */
export interface Refusal {
  readonly kind: "refuse";
  readonly status: number;
  readonly code: ErrorCode;
  readonly reason: RefusalReason;
  /** For people; never a secret. */
  readonly message: string;
  /** E.g. the reason of the session's end, or the check that a token failed. */
  readonly detail?: string;
}

/** The request may go to the pod. */
export interface Forward {
  readonly kind: "forward";
  readonly route: Route;
  readonly endpoint: string;
  readonly level: AccessLevel;
  readonly podUid: string;
  readonly address: string;
  readonly port: number;
  /** Anonymous on public endpoints, or when the identity does not count there. */
  readonly authentication: Authentication;
}

/** The session cannot be reached yet. */
export interface Wait {
  readonly kind: "wait";
  readonly route: Route;
  /** As in {@link Forward}. */
  readonly authentication: Authentication;
}

export type Decision =
  | Forward
  | Refusal
  /** Nobody knows the session yet: ask the API server, then decide again. */
  | { readonly kind: "readThrough" }
  /** The session is starting: hold the request, then decide again. */
  | Wait
  /** Not signed in on this endpoint's host, but perhaps on the session's. */
  | { readonly kind: "hop" };

/** What a decision depends on. */
export interface DecisionInput {
  readonly head: RequestHead;
  readonly target: HostTarget;
  readonly authentication: Authentication;
  readonly route: Route | undefined;
  /** The API server has been asked already. */
  readonly readThroughDone: boolean;
  readonly nowMs: number;
  readonly scheme: "http" | "https";
}

/**
 * Whether a request may reach a pod. One function for HTTP and for upgrades, pure: call it again after every wait, with
 * the route of that moment.
 */
export function decide(input: DecisionInput): Decision {
  const { head, route, nowMs } = input;
  if (route === undefined) return unknownSession(input);
  const current = isCurrent(input.authentication, route);
  const authentication: Authentication = current ? input.authentication : anonymous(input.authentication);

  // Its 100-bit name is a secret: who knows it may know that it is over, but nothing more than that.
  if (isOver(route, nowMs) && authentication.via === "none") return ended();

  const endpoint = route.endpoints.get(input.target.endpoint);
  const level = endpoint?.access ?? "owner";
  const access = accessTo(level, authentication, route);
  if (access === "unauthenticated") return signedOut(input, authentication);
  if (access === "forbidden") return FORBIDDEN;
  if (isOver(route, nowMs)) return ended(endReasonOf(route));

  // A cookie comes by itself, whoever made the browser ask; the other credentials are shown on purpose.
  const ambient = authentication.via === "cookie";
  const sameOrigin = !ambient || isSameOrigin(head, input.scheme);
  if (!sameOrigin && level !== "public") return CROSS_ORIGIN;

  const counted: Authentication = sameOrigin ? authentication : { via: "none" };

  if (route.phase !== "Ready") return { kind: "wait", route, authentication: counted };
  if (endpoint === undefined) return NOT_FOUND;
  if (route.pod?.address === undefined) return { kind: "wait", route, authentication: counted };
  return {
    kind: "forward",
    route,
    endpoint: input.target.endpoint,
    level,
    podUid: route.pod.uid,
    address: route.pod.address,
    port: endpoint.port,
    authentication: counted,
  };
}

function unknownSession({ authentication, readThroughDone, head, target }: DecisionInput): Decision {
  if (authentication.via === "none") return signedOut({ head, target }, authentication);
  return readThroughDone ? NOT_FOUND : { kind: "readThrough" };
}

function anonymous(authentication: Authentication): Authentication {
  return authentication.via === "none" ? authentication : { via: "none", refusal: "revoked" };
}

function signedOut({ head, target }: Pick<DecisionInput, "head" | "target">, authentication: Authentication): Decision {
  const refusal = authentication.via === "none" ? authentication.refusal : undefined;
  if (target.endpoint !== MAIN_ENDPOINT && head.kind === "navigation" && head.method === "GET" && !head.prefetch) {
    return { kind: "hop" };
  }
  return {
    kind: "refuse",
    status: 401,
    code: "UNAUTHENTICATED",
    reason: "signedOut",
    message: "You are not signed in to this session.",
    ...(refusal === undefined ? {} : { detail: refusal }),
  };
}

const FORBIDDEN: Refusal = {
  kind: "refuse",
  status: 403,
  code: "FORBIDDEN",
  reason: "forbidden",
  message: "This session belongs to somebody else.",
};
const CROSS_ORIGIN: Refusal = {
  kind: "refuse",
  status: 403,
  code: "FORBIDDEN",
  reason: "crossOrigin",
  message: "Another site tried to act in this session.",
};
const NOT_FOUND: Refusal = {
  kind: "refuse",
  status: 404,
  code: "NOT_FOUND",
  reason: "notFound",
  message: "There is no such session or endpoint.",
};

function ended(detail?: string): Refusal {
  return {
    kind: "refuse",
    status: 410,
    code: "EXPIRED",
    reason: "ended",
    message: "This session has ended.",
    ...(detail === undefined ? {} : { detail }),
  };
}
