import { errorBody } from "../pages/error-body.ts";
import { renderPage, type Page } from "../pages/page.ts";
import { refusalPage } from "../pages/refusal-page.ts";
import { waitingPage } from "../pages/waiting-page.ts";
import type { Refusal } from "../request/decide.ts";
import type { RequestKind } from "../request/request-head.ts";
import type { Route } from "../routing/route.ts";

/** An answer of the proxy's own. */
export interface Answer {
  readonly status: number;
  /** Names and values in turn, without Content-Length. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** What answers need besides their content. */
export interface AnswerContext {
  readonly requestId: string;
  readonly loginUrl?: string;
  readonly frameAncestors: readonly string[];
}

const EMPTY = Buffer.alloc(0);
/** When a client may ask again, in seconds. */
const RETRY_AFTER = ["Retry-After", "2"] as const;

/**
 * What a refusal looks like to whoever asks: a page for a person, JSON for a script.
 *
 * Event streams are their own case: browsers stop for good after any status but 200, so a session that is starting
 * answers 200 and asks to come again, and one that has ended answers 204, which is how an event stream is told to stop.
 */
export function refusalAnswer(refusal: Refusal, kind: RequestKind, context: AnswerContext): Answer {
  const { status, reason } = refusal;
  if (kind === "events" && reason === "ended") return { status: 204, headers: common(context), body: EMPTY };
  if (kind === "events" && reason === "starting") {
    const headers = ["Content-Type", "text/event-stream", ...common(context)];
    return { status: 200, headers, body: Buffer.from("retry: 2000\n\n") };
  }
  const extra = [
    ...(status === 401 ? ["WWW-Authenticate", "Bearer"] : []),
    ...(status === 503 || status === 429 ? RETRY_AFTER : []),
  ];
  if (kind === "navigation") {
    return pageAnswer(status, renderPage(refusalPage(refusal, context), context.frameAncestors), extra, context);
  }
  return jsonAnswer(status, errorBody(refusal, context.requestId, context.loginUrl), context, extra);
}

/** The page that opens the session when it is ready. */
export function waitingAnswer(route: Route, context: AnswerContext): Answer {
  const page = renderPage(waitingPage(route, context.requestId), context.frameAncestors);
  return pageAnswer(503, page, RETRY_AFTER, context);
}

/** A body for scripts. */
export function jsonAnswer(
  status: number,
  body: object,
  context: AnswerContext,
  extra: readonly string[] = [],
): Answer {
  const headers = [
    "Content-Type",
    "application/json",
    "X-Content-Type-Options",
    "nosniff",
    ...common(context),
    ...extra,
  ];
  return { status, headers, body: Buffer.from(`${JSON.stringify(body)}\n`) };
}

/** Sends the client to another place of ours. */
export function redirectAnswer(location: string, context: AnswerContext, cookie?: string): Answer {
  const headers = ["Location", location, "Referrer-Policy", "no-referrer", ...common(context)];
  if (cookie !== undefined) headers.push("Set-Cookie", cookie);
  return { status: 303, headers, body: EMPTY };
}

/** No body. */
export function emptyAnswer(status: number, context: AnswerContext, extra: readonly string[] = []): Answer {
  return { status, headers: [...common(context), ...extra], body: EMPTY };
}

function pageAnswer(status: number, page: Page, extra: readonly string[], context: AnswerContext): Answer {
  return { status, headers: [...page.headers, ...common(context), ...extra], body: page.html };
}

function common({ requestId }: AnswerContext): string[] {
  return ["Cache-Control", "no-store", "X-Carrel-Request-Id", requestId];
}
