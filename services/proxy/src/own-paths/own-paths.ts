import { emptyAnswer } from "../server/answer.ts";
import { UNKNOWN_HOST } from "../server/forwarding.ts";
import type { HttpCall } from "../server/http-call.ts";
import { exchangeByForm } from "./exchange-paths.ts";
import { enterFromMain, hopFromMain } from "./hop-paths.ts";
import { logOut } from "./log-out.ts";
import { ENTER_PATH, EXCHANGE_PATH, HOP_PATH, LOGOUT_PATH, OWN_PREFIX, STATUS_PATH } from "./paths.ts";
import { showStatus } from "./show-status.ts";

/** True for a target that no pod ever sees. Compared as it came: an encoded spelling is another path, and the pod's. */
export function isOwnPath(target: string): boolean {
  return target.startsWith(OWN_PREFIX);
}

/** Serves a request for one of our own paths. */
export function handleOwnPath(call: HttpCall): void {
  const { target, method } = call.attempt.head;
  const question = target.indexOf("?");
  const route = OWN_PATHS[question < 0 ? target : target.slice(0, question)];
  if (route === undefined) return call.refuse(UNKNOWN_HOST);
  if (!route.methods.includes(method)) {
    return call.answer(emptyAnswer(405, call.answers, ["Allow", route.methods.join(", ")]), "malformed");
  }
  route.serve(call);
}

interface OwnPath {
  readonly methods: readonly string[];
  readonly serve: (call: HttpCall) => void;
}

const OWN_PATHS: Readonly<Record<string, OwnPath>> = {
  [STATUS_PATH]: { methods: ["GET", "HEAD"], serve: showStatus },
  [LOGOUT_PATH]: { methods: ["POST"], serve: logOut },
  [EXCHANGE_PATH]: { methods: ["POST"], serve: exchangeByForm },
  [HOP_PATH]: { methods: ["GET"], serve: hopFromMain },
  [ENTER_PATH]: { methods: ["GET"], serve: enterFromMain },
};
