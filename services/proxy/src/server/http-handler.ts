import type { IncomingMessage, ServerResponse } from "node:http";
import { CarrelError } from "@carrel/std";
import { handleOwnPath, isOwnPath } from "../own-paths/own-paths.ts";
import { exchangeByLink } from "../own-paths/exchange-paths.ts";
import { hopToMain } from "../own-paths/hop-paths.ts";
import type { Decision, Forward, Refusal } from "../request/decide.ts";
import { isHeadProblem } from "../request/head-problem.ts";
import { parseHost } from "../request/host.ts";
import { readHead } from "../request/request-head.ts";
import { HttpExchange } from "../upstream/http-exchange.ts";
import { podHeaders } from "../upstream/pod-headers.ts";
import { emptyAnswer, jsonAnswer, refusalAnswer, waitingAnswer, type Answer } from "./answer.ts";
import { Attempt } from "./attempt.ts";
import { forwardFacts, framePolicy, renewal, UNKNOWN_HOST } from "./forwarding.ts";
import { HttpCall } from "./http-call.ts";
import { peerOf } from "./peer.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { writeAnswer } from "./write-answer.ts";

/**
 * Serves one HTTP request.
 *
 * @param expectsContinue the client waits for `100 Continue` before it sends the body: it gets it only once the request
 * may go to the pod
 */
export function handleHttp(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): void {
  const requestId = context.nextRequestId();
  const answers = { ...context, requestId };
  const head = readHead({
    method: request.method ?? "",
    target: request.url ?? "",
    httpVersion: request.httpVersion,
    rawHeaders: request.rawHeaders,
    upgrade: false,
  });
  if (isHeadProblem(head)) {
    const { status, code, message, headers = [] } = head;
    context.metrics.requests.add(1, { kind: "fetch", class: "4xx", reason: "malformed" });
    writeAnswer(
      request,
      response,
      jsonAnswer(status, { code, message, retryable: false, requestId }, answers, headers),
      true,
    );
    return;
  }
  const answer = (own: Answer, reason: string): void => {
    context.metrics.requests.add(1, { kind: head.kind, class: `${Math.floor(own.status / 100)}xx`, reason });
    writeAnswer(request, response, own, context.isDraining());
  };
  const target = parseHost(head.host, context.domain);
  if (target === undefined) return answer(refusalAnswer(UNKNOWN_HOST, head.kind, answers), UNKNOWN_HOST.reason);

  const attempt = new Attempt(context, {
    head,
    target,
    peer: peerOf(head, request.socket.remoteAddress, context.trustedHops),
    clientGone: () => closeSignal(response),
    abandon: () => response.destroy(),
  });
  const call = new HttpCall({ context, attempt, request, response, requestId, answer });
  if (isOwnPath(head.target)) return handleOwnPath(call);
  if (head.queryToken !== undefined && head.kind === "navigation" && head.method === "GET" && !head.prefetch) {
    return exchangeByLink(call, head.queryToken);
  }
  attempt.run({ hold: head.kind !== "navigation" }, (decision) => act(call, decision, expectsContinue));
}

function act(call: HttpCall, decision: Exclude<Decision, { kind: "readThrough" }>, expectsContinue: boolean): void {
  switch (decision.kind) {
    case "forward":
      return forward(call, decision, expectsContinue);
    case "refuse":
      return call.refuse(decision);
    case "wait":
      return call.answer(waitingAnswer(decision.route, call.answers), "starting");
    case "hop":
      return hopToMain(call);
  }
}

function forward(call: HttpCall, decision: Forward, expectsContinue: boolean): void {
  const { context, attempt, request, response, requestId } = call;
  const { head, target } = attempt;
  if (response.destroyed) return;
  if (!context.sessionRequests.take(target.session)) return call.refuse(TOO_MANY_REQUESTS);
  if (context.isDraining()) response.shouldKeepAlive = false;
  const { route, endpoint, podUid, authentication } = decision;
  const exchange: HttpExchange = new HttpExchange({
    facts: { session: target.session, endpoint, podUid, authentication },
    head,
    request,
    response,
    dispatcher: context.pools.pool(decision),
    port: decision.port,
    headers: podHeaders(head, forwardFacts(context, attempt, decision, requestId)),
    host: head.host.toLowerCase().replace(/:\d+$/, ""),
    answerHeaders: [...renewal(context, decision), ...framePolicy(context, attempt)],
    clock: context.clock,
    refuse: (refusal) => call.refuse(refusal),
    onEvents: () => {
      context.streams.remove(exchange);
      exchange.kind = "events";
      context.streams.add(exchange);
    },
    isDraining: context.isDraining,
    onClosed: ({ status, firstByteMs }) => {
      context.streams.remove(exchange);
      if (firstByteMs !== undefined) context.metrics.firstByte.record(firstByteMs / 1000);
      if (status !== undefined) {
        const { kind } = head;
        context.metrics.requests.add(1, { kind, class: `${Math.floor(status / 100)}xx`, reason: "forwarded" });
      }
    },
  });
  context.cutter.watch(exchange, route);
  if (expectsContinue) response.writeContinue();
  exchange.start();
}

/** An Expect that is not `100-continue`. */
export function handleUnknownExpectation(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const answers = { ...context, requestId: context.nextRequestId() };
  writeAnswer(request, response, emptyAnswer(417, answers), true);
}

function closeSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new CarrelError("CLIENT_GONE", "the client has gone")));
  return gone.signal;
}

const TOO_MANY_REQUESTS: Refusal = {
  kind: "refuse",
  status: 429,
  code: "QUOTA",
  reason: "limit",
  message: "This session gets more requests than it may.",
};
