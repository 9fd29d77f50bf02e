import type { Authentication } from "../auth/identity.ts";
import type { Refusal } from "../request/decide.ts";
import { MAIN_ENDPOINT } from "../request/host.ts";
import { ownLocation, targetOfBytes, targetOfText } from "../request/raw-query.ts";
import { redirectAnswer } from "../server/answer.ts";
import { UNKNOWN_HOST } from "../server/forwarding.ts";
import type { HttpCall } from "../server/http-call.ts";
import { originOf } from "../server/origin-of.ts";
import { ENTER_PATH, HOP_PATH } from "./paths.ts";

/** First leg: the host of an endpoint knows nobody; the session's own host may. */
export function hopToMain(call: HttpCall): void {
  const { context, attempt } = call;
  const { session, endpoint } = attempt.target;
  const query = new URLSearchParams({ endpoint, to: targetOfBytes(attempt.head.podTarget) });
  const location = `${originOf(context, session, MAIN_ENDPOINT)}${HOP_PATH}?${query.toString()}`;
  call.answer(redirectAnswer(location, call.answers), "hop");
}

/** Second leg, on the session's own host: who is signed in gets a token for the endpoint's host. */
export function hopFromMain(call: HttpCall): void {
  const { context, attempt } = call;
  const { session, endpoint: here } = attempt.target;
  const query = queryOf(attempt.head.target);
  const endpoint = query.get("endpoint") ?? "";
  if (here !== MAIN_ENDPOINT || !/^[a-z][a-z0-9-]{2,39}$/.test(endpoint) || endpoint === MAIN_ENDPOINT) {
    return call.refuse(UNKNOWN_HOST);
  }
  attempt.run({ hold: false }, (decision) => {
    if (decision.kind === "refuse") return call.refuse(decision);
    const authentication: Authentication = decision.kind === "hop" ? { via: "none" } : decision.authentication;
    if (authentication.via === "none") return call.refuse(signedOut("You are not signed in to this session."));
    const next = new URLSearchParams({
      token: context.hops.issue(authentication, endpoint),
      to: query.get("to") ?? "/",
    });
    const location = `${originOf(context, session, endpoint)}${ENTER_PATH}?${next.toString()}`;
    call.answer(redirectAnswer(location, call.answers), "hop");
  });
}

/** Third leg, back on the endpoint's host: the token becomes a cookie of this host. */
export function enterFromMain(call: HttpCall): void {
  const { context, attempt } = call;
  const { session, endpoint } = attempt.target;
  const query = queryOf(attempt.head.target);
  const claims = context.hops.redeem(query.get("token") ?? "", session, endpoint);
  if (claims === undefined) {
    return call.refuse(signedOut("You could not be signed in to this endpoint."));
  }
  const cookie = context.exchange.signIn(claims, context.routes.lookUp(session));
  call.answer(redirectAnswer(ownLocation(targetOfText(query.get("to") ?? "/")), call.answers, cookie), "hop");
}

function signedOut(message: string): Refusal {
  return { kind: "refuse", status: 401, code: "UNAUTHENTICATED", reason: "signedOut", message, detail: "hop" };
}

function queryOf(target: string): URLSearchParams {
  const question = target.indexOf("?");
  return new URLSearchParams(question < 0 ? "" : target.slice(question + 1));
}
