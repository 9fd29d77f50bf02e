import { renewedCookie } from "@carrel/auth";
import type { Forward, Refusal } from "../request/decide.ts";
import { MAIN_ENDPOINT } from "../request/host.ts";
import type { ForwardFacts } from "../upstream/pod-headers.ts";
import type { Attempt } from "./attempt.ts";
import { originOf } from "./origin-of.ts";
import type { ProxyContext } from "./proxy-context.ts";

/** The answer to hosts that name no session at all. */
export const UNKNOWN_HOST: Refusal = {
  kind: "refuse",
  status: 404,
  code: "NOT_FOUND",
  reason: "notFound",
  message: "There is no such session or endpoint.",
};

/** What a pod is told about a request that may go to it. */
export function forwardFacts(
  context: ProxyContext,
  attempt: Attempt,
  { authentication, route }: Forward,
  requestId: string,
): ForwardFacts {
  const facts = {
    forwardedFor: attempt.peer.forwardedFor,
    scheme: context.scheme,
    port: context.port,
    session: route.session,
    requestId,
    passAuthorization: attempt.credentials.foreignAuthorization,
  };
  if (authentication.via === "none") return { ...facts, role: "public" };
  const owner = authentication.tenant === route.tenant && authentication.subject === route.user;
  return { ...facts, role: owner ? "owner" : "tenant", identity: authentication };
}

/**
 * Headers of ours for the answer to somebody who is signed in: how many seconds the session still has, and a renewed
 * cookie when the present one grows old.
 */
export function renewal(
  context: ProxyContext,
  { authentication, route }: Pick<Forward, "authentication" | "route">,
): string[] {
  if (authentication.via === "none") return [];
  const now = context.clock.now();
  const headers = ["X-Carrel-Expires-In", String(Math.max(0, Math.floor((route.expiresAtMs - now) / 1000)))];
  if (authentication.cookie === undefined) return headers;
  const renewed = renewedCookie(authentication.cookie, now, route.expiresAtMs);
  if (renewed !== undefined) headers.push("Set-Cookie", context.exchange.cookie(renewed, route.expiresAtMs));
  return headers;
}

/**
 * Who may show a page of a session in a frame: the session itself, and whom the operator names. Sessions are siblings of
 * one site, so our cookie is sent to a frame in another session's page, which must not make a learner click in it. A
 * policy of the pod's own stays: browsers keep to all of them.
 */
export function framePolicy(context: ProxyContext, { head, target }: Attempt): string[] {
  if (head.kind !== "navigation") return [];
  const allowed = ["'self'", originOf(context, target.session, MAIN_ENDPOINT), ...context.frameAncestors];
  return ["Content-Security-Policy", `frame-ancestors ${allowed.join(" ")}`];
}
