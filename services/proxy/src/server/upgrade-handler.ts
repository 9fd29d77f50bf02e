import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CarrelError } from "@carrel/std";
import type { Forward, Refusal } from "../request/decide.ts";
import { isHeadProblem } from "../request/head-problem.ts";
import { parseHost } from "../request/host.ts";
import { readHead, type RequestHead } from "../request/request-head.ts";
import { isOwnPath } from "../own-paths/own-paths.ts";
import { userKey } from "../streams/stream-index.ts";
import { jsonAnswer, refusalAnswer, type Answer, type AnswerContext } from "./answer.ts";
import { Attempt } from "./attempt.ts";
import { forwardFacts, renewal, UNKNOWN_HOST } from "./forwarding.ts";
import { peerOf } from "./peer.ts";
import { podHeaders } from "../upstream/pod-headers.ts";
import { WebSocketCall } from "../upstream/websocket-call.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { endWithResponse } from "./raw-response.ts";

/**
 * Serves one WebSocket handshake. The decision is the same as for any other request; until it is made, and until the
 * pod has accepted the handshake, nothing of what the client has sent behind its request is looked at.
 */
export function handleUpgrade(context: ProxyContext, request: IncomingMessage, socket: Duplex, behind: Buffer): void {
  socket.on("error", () => undefined);
  const requestId = context.nextRequestId();
  const answers: AnswerContext = { ...context, requestId };
  const answer = (own: Answer, reason: string): void => {
    context.metrics.requests.add(1, { kind: "websocket", class: `${Math.floor(own.status / 100)}xx`, reason });
    endWithResponse(socket, own);
  };
  const refuse = (refusal: Refusal): void => answer(refusalAnswer(refusal, "websocket", answers), refusal.reason);
  const head = readHead({
    method: request.method ?? "",
    target: request.url ?? "",
    httpVersion: request.httpVersion,
    rawHeaders: request.rawHeaders,
    upgrade: true,
  });
  if (isHeadProblem(head)) {
    const { status, code, message, headers = [] } = head;
    return answer(jsonAnswer(status, { code, message, retryable: false, requestId }, answers, headers), "malformed");
  }
  const target = parseHost(head.host, context.domain);
  if (target === undefined || isOwnPath(head.target)) return refuse(UNKNOWN_HOST);
  const clientGone = (): AbortSignal => {
    const gone = new AbortController();
    socket.once("close", () => gone.abort(new CarrelError("CLIENT_GONE", "the client has gone")));
    return gone.signal;
  };
  const peer = peerOf(head, request.socket.remoteAddress, context.trustedHops);
  const attempt = new Attempt(context, { head, target, peer, clientGone, abandon: () => socket.destroy() });
  attempt.run({ hold: true }, (decision) => {
    if (decision.kind === "refuse") return refuse(decision);
    // A handshake is no navigation: it neither hops nor gets a waiting page.
    if (decision.kind !== "forward") return refuse(UNKNOWN_HOST);
    if (socket.destroyed) return;
    const limit = limitOf(context, decision);
    if (limit !== undefined) return refuse(limit);
    open(context, { attempt, decision, head, socket, behind, requestId, refuse, answers });
  });
}

interface Opening {
  readonly attempt: Attempt;
  readonly decision: Forward;
  readonly head: RequestHead;
  readonly socket: Duplex;
  readonly behind: Buffer;
  readonly requestId: string;
  readonly refuse: (refusal: Refusal) => void;
  readonly answers: AnswerContext;
}

function open(context: ProxyContext, opening: Opening): void {
  const { attempt, decision, head, socket, behind, requestId, refuse } = opening;
  const { limits, clock, metrics, streams } = context;
  const call: WebSocketCall = new WebSocketCall({
    facts: {
      session: decision.route.session,
      endpoint: decision.endpoint,
      podUid: decision.podUid,
      authentication: decision.authentication,
    },
    pod: decision,
    target: head.podTarget,
    headers: podHeaders(head, forwardFacts(context, attempt, decision, requestId)),
    websocketKey: head.websocketKey ?? "",
    host: head.host.toLowerCase().replace(/:\d+$/, ""),
    answerHeaders: ["X-Carrel-Request-Id", requestId, ...renewal(context, decision)],
    client: socket,
    behind,
    limits,
    clock,
    refuse,
    onAnswer: (status) => {
      metrics.requests.add(1, { kind: "websocket", class: `${Math.floor(status / 100)}xx`, reason: "forwarded" });
    },
    onClosed: (outcome) => {
      streams.remove(call);
      if (outcome === undefined) return;
      metrics.closes.add(1, { code: String(outcome.code ?? "none"), by: outcome.by });
      metrics.bytes.add(outcome.bytesToPod, { direction: "toPod" });
      metrics.bytes.add(outcome.bytesToClient, { direction: "toClient" });
    },
  });
  context.cutter.watch(call, decision.route);
  call.start();
}

function limitOf({ streams, limits, sessionRequests }: ProxyContext, decision: Forward): Refusal | undefined {
  const { authentication, route } = decision;
  if (!sessionRequests.take(route.session)) return limitReached("This session gets more requests than it may.");
  if (streams.counts.websocket >= limits.websocketsPerReplica) return limitReached("The proxy is full.");
  if (streams.websocketsOf(route.session) >= limits.websocketsPerSession) {
    return limitReached("This session has as many WebSockets as it may.");
  }
  if (authentication.via === "none") return undefined;
  return streams.websocketsOfUser(userKey(authentication)) >= limits.websocketsPerUser
    ? limitReached("You have as many WebSockets as you may.")
    : undefined;
}

function limitReached(message: string): Refusal {
  return { kind: "refuse", status: 429, code: "QUOTA", reason: "limit", message };
}
