import { isSameOrigin } from "../auth/same-origin.ts";
import { setCookie } from "../request/cookie-header.ts";
import type { Refusal } from "../request/decide.ts";
import { emptyAnswer, redirectAnswer } from "../server/answer.ts";
import type { HttpCall } from "../server/http-call.ts";

/** Deletes the cookie of this host. Only the session's own pages may ask for it. */
export function logOut(call: HttpCall): void {
  const { context, attempt, answers } = call;
  if (!isSameOrigin(attempt.head, context.scheme)) return call.refuse(CROSS_ORIGIN);
  const cookie = setCookie("", { maxAgeSeconds: 0, framed: context.frameAncestors.length > 0 });
  if (attempt.head.kind === "navigation") return call.answer(redirectAnswer("/", answers, cookie), "logout");
  call.answer(emptyAnswer(204, answers, ["Set-Cookie", cookie]), "logout");
}

const CROSS_ORIGIN: Refusal = {
  kind: "refuse",
  status: 403,
  code: "FORBIDDEN",
  reason: "crossOrigin",
  message: "Another site tried to sign you out.",
};
