import { CarrelError } from "@carrel/std";
import type { Refusal } from "../request/decide.ts";
import { ownLocation, targetOfText, TOKEN_PARAMETER } from "../request/raw-query.ts";
import { redirectAnswer } from "../server/answer.ts";
import type { HttpCall } from "../server/http-call.ts";
import { readForm } from "./read-form.ts";

/**
 * A link with an exchange token: the token is used up for a cookie, and the browser is sent to the same address without
 * it, so that it stands neither in the address bar nor in a Referer.
 */
export function exchangeByLink(call: HttpCall, token: string): void {
  redeem(call, token, ownLocation(call.attempt.head.podTarget));
}

/** The same by POST: fields `carrel_token` and, optionally, `to`, a path of this host. */
export function exchangeByForm(call: HttpCall): void {
  readForm(call.request).then(
    (form) => redeem(call, form.get(TOKEN_PARAMETER) ?? "", ownLocation(targetOfText(form.get("to") ?? "/"))),
    (error: unknown) => {
      if (!call.response.destroyed) call.refuse(error instanceof CarrelError ? UNREADABLE : signedOut("malformed"));
    },
  );
}

function redeem(call: HttpCall, token: string, location: string): void {
  const { context, attempt } = call;
  const { session } = attempt.target;
  if (context.badTokens.isEmpty(attempt.peer.address)) return call.refuse(TOO_MANY);
  context.exchange
    .redeem(token, session)
    .then((result) => {
      context.metrics.authentications.add(1, { result: result.ok ? "exchange" : result.refusal });
      if (result.ok) {
        const cookie = context.exchange.signIn(result.claims, context.routes.lookUp(session));
        return call.answer(redirectAnswer(location, call.answers, cookie), "exchange");
      }
      context.badTokens.take(attempt.peer.address);
      withoutToken(call, location, result.refusal);
    })
    .catch((error: unknown) => {
      context.logger.error({ err: error }, "an exchange failed");
      call.refuse(UNAVAILABLE);
    });
}

/**
 * The token buys nothing. Who is let in without it (a page loaded again, a public endpoint) is sent on to the address
 * without the token; everybody else learns why.
 */
function withoutToken(call: HttpCall, location: string, refusal: string): void {
  call.attempt.run({ hold: false }, (decision) => {
    const letIn = decision.kind === "forward" || decision.kind === "wait";
    if (letIn) call.answer(redirectAnswer(location, call.answers), "exchange");
    else if (decision.kind === "hop" || decision.reason === "signedOut") call.refuse(signedOut(refusal));
    else call.refuse(decision);
  });
}

function signedOut(detail: string): Refusal {
  return {
    kind: "refuse",
    status: 401,
    code: "UNAUTHENTICATED",
    reason: "signedOut",
    message: "The link does not sign you in (any more).",
    detail,
  };
}

const UNREADABLE: Refusal = {
  kind: "refuse",
  status: 400,
  code: "INVALID",
  reason: "malformed",
  message: "The form cannot be read: send application/x-www-form-urlencoded of at most 8 KiB.",
};
const TOO_MANY: Refusal = {
  kind: "refuse",
  status: 429,
  code: "QUOTA",
  reason: "limit",
  message: "Too many invalid tokens came from your address.",
};
const UNAVAILABLE: Refusal = {
  kind: "refuse",
  status: 503,
  code: "UNAVAILABLE",
  reason: "unavailable",
  message: "You cannot be signed in at the moment.",
};
