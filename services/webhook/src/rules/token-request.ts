import { LEARNER_SERVICE_ACCOUNT } from "@carrel/api";
import { at, listAt } from "../review/json-object.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

const MAX_SECONDS = 3600;

/** A learner asks for short tokens of the session's own accounts, for the API server and nobody else. */
export const tokenRequest: RequestRule = {
  id: "token-request",
  actors: ["learner"],
  check({ request }: RuleContext): Finding | undefined {
    if (request.group !== "" || request.resource !== "serviceaccounts" || request.subresource !== "token") {
      return undefined;
    }
    if (request.name !== LEARNER_SERVICE_ACCOUNT && request.name !== "default") {
      return { path: "metadata.name", message: `must be ${LEARNER_SERVICE_ACCOUNT} or default, not ${request.name}` };
    }
    if (listAt(request.object, "spec", "audiences").length > 0) {
      return { path: "spec.audiences", message: "must not be set; the API server is the only audience" };
    }
    const seconds = at(request.object, "spec", "expirationSeconds");
    if (typeof seconds === "number" && seconds > MAX_SECONDS) {
      return { path: "spec.expirationSeconds", message: `must not exceed ${MAX_SECONDS}, is ${seconds}` };
    }
    return undefined;
  },
};
