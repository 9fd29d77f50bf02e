import { LEARNER_SERVICE_ACCOUNT } from "@carrel/api";
import { at, listAt } from "../review/json-object.ts";
import type { Finding, RequestRule, RuleContext } from "./rule.ts";

const MAX_SECONDS = 3600;

/** A learner asks for short tokens of the session's own accounts, for the API server and nobody else. */
export const tokenRequest: RequestRule = {
  id: "token-request",
  actors: ["learner"],
  check({ request, settings }: RuleContext): Finding | undefined {
    if (request.group !== "" || request.resource !== "serviceaccounts" || request.subresource !== "token") {
      return undefined;
    }
    if (request.name !== LEARNER_SERVICE_ACCOUNT && request.name !== "default") {
      return { path: "metadata.name", message: `must be ${LEARNER_SERVICE_ACCOUNT} or default, not ${request.name}` };
    }
    const foreign = listAt(request.object, "spec", "audiences").find(
      (audience) => typeof audience !== "string" || !settings.tokenAudiences.includes(audience),
    );
    if (foreign !== undefined) {
      return {
        path: "spec.audiences",
        message: `must not include ${JSON.stringify(foreign)}; allowed are ${settings.tokenAudiences.join(", ")}`,
      };
    }
    const seconds = at(request.object, "spec", "expirationSeconds");
    if (typeof seconds === "number" && seconds > MAX_SECONDS) {
      return { path: "spec.expirationSeconds", message: `must not exceed ${MAX_SECONDS}, is ${seconds}` };
    }
    return undefined;
  },
};
