import type { Decision } from "../request/decide.ts";
import type { Route } from "../routing/route.ts";
import { jsonAnswer } from "../server/answer.ts";
import { renewal, UNKNOWN_HOST } from "../server/forwarding.ts";
import type { HttpCall } from "../server/http-call.ts";
import { sessionStatus } from "./session-status.ts";
import { StatusStream } from "./status-stream.ts";

/**
 * How the session is, for whoever may use it: also when it has ended, so that pages can tell why their connections were
 * cut (a browser hides the status of a refused WebSocket handshake).
 */
export function showStatus(call: HttpCall): void {
  const { attempt, context } = call;
  attempt.run({ hold: false }, (decision) => {
    const route = context.routes.lookUp(attempt.target.session) ?? routeOf(decision);
    const endedForMe = decision.kind === "refuse" && decision.reason === "ended" && decision.detail !== undefined;
    if (decision.kind === "refuse" && !endedForMe) return call.refuse(decision);
    if (route === undefined || decision.kind === "hop") return call.refuse(UNKNOWN_HOST);
    if (attempt.head.kind === "events" && attempt.head.method === "GET" && decision.kind !== "refuse") {
      new StatusStream(call, route, decision.authentication).start();
      return;
    }
    if (decision.kind === "refuse" && attempt.head.kind === "events") return call.refuse(decision);
    const body = sessionStatus(route, attempt.target.endpoint, context.clock.now());
    const headers =
      decision.kind === "refuse" ? [] : renewal(context, { authentication: decision.authentication, route });
    call.answer(jsonAnswer(200, body, call.answers, headers), "status");
  });
}

function routeOf(decision: Exclude<Decision, { kind: "readThrough" }>): Route | undefined {
  return "route" in decision ? decision.route : undefined;
}
